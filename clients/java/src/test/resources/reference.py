"""Embed JSON lines with sentence-transformers: `reference.py MODEL < texts.jsonl > vectors.jsonl`."""

import json
import sys

from sentence_transformers import SentenceTransformer

model = SentenceTransformer(sys.argv[1], device="cpu")
rows = [json.loads(line) for line in sys.stdin]
vectors = model.encode([row["text"] for row in rows], normalize_embeddings=True, show_progress_bar=False)
for row, vector in zip(rows, vectors, strict=True):
    print(json.dumps({"id": row["id"], "vector": vector.tolist()}))
