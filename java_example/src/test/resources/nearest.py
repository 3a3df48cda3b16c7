"""What sentence-transformers finds: `nearest.py MODEL DEFINITIONS QUERY… > matches.jsonl`, five lines a query."""

import json
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer

model_name, definitions, *queries = sys.argv[1:]
model = SentenceTransformer(model_name, device="cpu")
rows = [json.loads(line) for line in Path(definitions).read_text(encoding="utf-8").splitlines()]
vectors = model.encode(
    [f"{row['term']}: {row['text']}" for row in rows], normalize_embeddings=True, show_progress_bar=False
)
for query in queries:
    scores = vectors @ model.encode(query, normalize_embeddings=True, show_progress_bar=False)
    for i in sorted(range(len(rows)), key=lambda i: -scores[i])[:5]:
        print(json.dumps({"query": query, "term": rows[i]["term"], "score": float(scores[i])}))
