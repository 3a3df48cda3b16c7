"""Embed JSON lines with sentence-transformers: `reference.py MODEL TEXTS > vectors.jsonl`."""

import json
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer

model_name, texts = sys.argv[1:]
model = SentenceTransformer(model_name, device="cpu")
rows = [json.loads(line) for line in Path(texts).read_text(encoding="utf-8").splitlines()]
vectors = model.encode([row["text"] for row in rows], normalize_embeddings=True, show_progress_bar=False)
for row, vector in zip(rows, vectors, strict=True):
    print(json.dumps({"id": row["id"], "vector": vector.tolist()}))
