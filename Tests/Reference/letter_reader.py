# A second reader of letters, written from docs/format.md and the papers on Salsa20: no libsodium is involved.
import argparse
import hashlib
import json
import os
import sqlite3
import struct
import sys

import vault_reader
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.poly1305 import Poly1305
from vault_reader import Refused, need

SIGMA = b"expand 32-byte k"


def rotated(value, count):
    return ((value << count) & 0xFFFFFFFF) | (value >> (32 - count))


def double_rounds(words):
    """Ten double rounds of Salsa20 (Bernstein, "The Salsa20 family of stream ciphers")."""
    x = list(words)

    def quarter(a, b, c, d):
        x[b] ^= rotated((x[a] + x[d]) & 0xFFFFFFFF, 7)
        x[c] ^= rotated((x[b] + x[a]) & 0xFFFFFFFF, 9)
        x[d] ^= rotated((x[c] + x[b]) & 0xFFFFFFFF, 13)
        x[a] ^= rotated((x[d] + x[c]) & 0xFFFFFFFF, 18)

    for _ in range(10):
        for column in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)):
            quarter(*column)
        for row in ((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            quarter(*row)
    return x


def state(key, block):
    constants, k, n = struct.unpack("<4I", SIGMA), struct.unpack("<8I", key), struct.unpack("<4I", block)
    return [constants[0], *k[:4], constants[1], *n, constants[2], *k[4:], constants[3]]


def hsalsa20(key, block):
    x = double_rounds(state(key, block))
    return struct.pack("<8I", *(x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)))


def salsa20(key, nonce, count):
    stream = b""
    number = 0
    while len(stream) < count:
        words = state(key, nonce + struct.pack("<Q", number))
        stream += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(double_rounds(words), words)))
        number += 1
    return stream[:count]


def open_box(sealed, secret):
    """The message of an anonymous box: ephemeral key 32 | tag 16 | ciphertext."""
    need(len(sealed) >= 48, "letter: too short")
    ephemeral, tag, body = sealed[:32], sealed[32:48], sealed[48:]
    private = X25519PrivateKey.from_private_bytes(secret)
    public = private.public_key().public_bytes_raw()
    nonce = hashlib.blake2b(ephemeral + public, digest_size=24).digest()
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    key = hsalsa20(hsalsa20(shared, bytes(16)), nonce[:16])
    stream = salsa20(key, nonce[16:], 32 + len(body))
    try:
        Poly1305.verify_tag(stream[:32], body, tag)
    except InvalidSignature:
        raise Refused("letter: tag") from None
    return bytes(a ^ b for a, b in zip(body, stream[32:]))


def letters(options):
    """Every letter of a home that opens with the resident's inbox secret."""
    vault, keys = vault_reader.read_keyring(options.home, options)
    resident = options.resident
    folder = os.path.join(options.home, "vault", "blobs", resident.hex()[-2:])
    numbers = [int(name.split(".")[1]) for name in os.listdir(folder) if name.endswith(".blob") and ".e" not in name]
    path = os.path.join(folder, f"{resident.hex()}.{max(numbers)}.blob")
    package, _ = vault_reader.open_blob(path, vault, resident, max(numbers), 1, *keys[resident])
    secret = bytes.fromhex(json.loads(package)["inbox_secret"])
    base = sqlite3.connect(f"file:{options.home}/ledger.sqlite?mode=ro", uri=True)
    found = []
    for identifier, box in base.execute("SELECT hex(id), ciphertext FROM mail_body ORDER BY id"):
        try:
            message = open_box(box, secret)
        except Refused:
            continue
        letter = json.loads(message)
        need(sorted(letter) == ["at", "from", "id", "text", "to"], "letter: form")
        need(letter["id"].replace("-", "").upper() == identifier, "letter: of another row")
        need(json.dumps(letter, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == message, "canonical")
        text = hashlib.sha256(letter["text"].encode()).hexdigest()
        found.append({"to": letter["to"], "from": letter["from"], "sha256": text})
    return found


def main():
    parser = argparse.ArgumentParser(description="Opens letters and prints hashes of what is in them.")
    parser.add_argument("--home")
    parser.add_argument("--resident", type=vault_reader.resident_bytes)
    parser.add_argument("--master", help="the file of the master key, else HOME/keys/master.key")
    parser.add_argument("--passphrase", help="a file that holds the passphrase instead")
    parser.add_argument("--file", help="a sealed letter by itself")
    parser.add_argument("--secret", help="the file of the X25519 secret in hex, with --file")
    options = parser.parse_args()
    try:
        if options.file:
            with open(options.file, "rb") as file:
                message = open_box(file.read(), vault_reader.read_hex(options.secret))
            print(json.dumps({"sha256": hashlib.sha256(message).hexdigest(), "length": len(message)}))
        else:
            print(json.dumps(letters(options)))
    except (Refused, OSError) as refusal:
        print(f"letter_reader: {refusal}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
