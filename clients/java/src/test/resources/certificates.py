"""Certificates of an authority, as files: `certificates.py DIRECTORY`."""

import sys
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
authority = trustme.CA()
authority.cert_pem.write_to_path(folder / "ca.pem")
for name in ("localhost", "client.example.org"):
    issued = authority.issue_cert(name)
    issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    issued.private_key_pem.write_to_path(folder / f"{name}.key")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.pkcs8").write_bytes(pkcs8)
