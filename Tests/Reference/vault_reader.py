# A second reader of the vault's formats, written from docs/format.md: prints hashes of what it opens, never the content.
import argparse
import hashlib
import hmac
import json
import os
import struct
import sys

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK, TAG = 16_384, 16
MAGIC = bytes.fromhex("8953564C540D0A1A")


class Refused(Exception):
    """What was read is not what the format allows."""


def need(holds, what):
    if not holds:
        raise Refused(what)


def expand(key, info, count):
    """HKDF-Expand with SHA-512."""
    output = block = b""
    number = 1
    while len(output) < count:
        block = hmac.digest(key, block + info + bytes([number]), "sha512")
        output += block
        number += 1
    return output[:count]


def open_chunks(key, context, sealed, what):
    """The plaintext of one chunked encryption."""
    need(len(sealed) >= 72, f"{what}: too short")
    salt, commitment, body = sealed[:24], sealed[24:56], sealed[56:]
    okm = expand(key, b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context, 76)
    need(hmac.compare_digest(okm[44:76], commitment), f"{what}: commitment")
    cipher, base = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big")
    plain, index = b"", 0
    while True:
        piece, body = body[: CHUNK + TAG], body[CHUNK + TAG :]
        need(len(piece) >= TAG, f"{what}: the last chunk is missing")
        try:
            opened = cipher.decrypt((base ^ index).to_bytes(12, "big"), piece, None)
        except InvalidTag:
            raise Refused(f"{what}: tag of chunk {index}") from None
        plain += opened
        index += 1
        if len(opened) < CHUNK:
            need(not body, f"{what}: bytes after the last chunk")
            return plain


def padme(length):
    """The padded length that shows at most the order of magnitude."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    zeros = exponent - exponent.bit_length()
    mask = (1 << zeros) - 1
    return (length + mask) & ~mask


def mac(key, info, data):
    return hmac.digest(expand(key, info, 32), data, "sha512")[:32]


class Cursor:
    """Takes a file apart from front to back."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        need(self.at + count <= len(self.data), "truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    def integer(self, count):
        return int.from_bytes(self.take(count), "big")


def read_hex(path):
    with open(path) as file:
        return bytes.fromhex(file.read().removesuffix("\n"))


def unwrap_keyring_key(provider, body, key_id, options, home):
    """The keyring key of one provider, or None where this reader has not its master key."""
    if provider == 1:
        need(len(key_id) == 16 and len(body) == 104, "provider of type 1")
        if options.passphrase is not None:
            return None
        master = read_hex(options.master or os.path.join(home, "keys", "master.key"))
        check = blake3(master, derive_key_context="sanctuary mek check v1").digest()[:16]
        return (master, body) if check == key_id else None
    need(provider == 2 and len(key_id) == 16 and len(body) == 112, "provider of type 2")
    if options.passphrase is None:
        return None
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    operations, memory = struct.unpack(">II", body[:8])
    need(operations <= 10 and memory <= 1 << 20, "work factor")
    with open(options.passphrase, "rb") as file:
        phrase = file.read().removesuffix(b"\n")
    kdf = Argon2id(salt=key_id, length=32, iterations=operations, lanes=1, memory_cost=memory)
    return kdf.derive(phrase), body[8:]


def read_keyring(home, options):
    """The vault's id and the keys of its residents, by id."""
    with open(os.path.join(home, "keys", "keyring"), "rb") as file:
        data = file.read()
    cursor = Cursor(data)
    need(cursor.take(4) == b"SVKR" and cursor.integer(2) == 1 and cursor.integer(2) == 0, "keyring: opening")
    vault, epoch_bytes = cursor.take(16), cursor.take(8)
    epoch_secret = read_hex(os.path.join(home, "keys", "epoch"))
    count = cursor.integer(4)
    need(1 <= count <= 16, "keyring: providers")
    keyring_key = None
    for _ in range(count):
        provider, id_length, body_length = cursor.integer(2), cursor.integer(2), cursor.integer(4)
        key_id, body = cursor.take(id_length), cursor.take(body_length)
        found = unwrap_keyring_key(provider, body, key_id, options, home)
        if found is not None:
            extracted = hmac.digest(epoch_secret, found[0], "sha512")
            wrapping = expand(extracted, b"sanctuary/kk-wrap/v1", 32)
            keyring_key = open_chunks(wrapping, b"sanctuary/kk-wrap/v1\0" + vault + epoch_bytes, found[1], "keyring key")
    need(keyring_key is not None, "no provider of this master key")
    keys, before = {}, b""
    for _ in range(cursor.integer(4)):
        resident, pek_id, state, _, wrapped = (
            cursor.take(16), cursor.take(16), cursor.integer(1), cursor.integer(8), cursor.take(104),
        )
        need(state == 1 and resident > before, "keyring: entry")
        before = resident
        context = b"sanctuary/pek-wrap/v1\0" + vault + epoch_bytes + resident + pek_id
        keys[resident] = (pek_id, open_chunks(keyring_key, context, wrapped, "resident's key"))
    body = data[: cursor.at]
    need(mac(keyring_key, b"sanctuary/keyring-mac/v1", body) == cursor.take(32), "keyring: MAC")
    need(cursor.at == len(data), "keyring: length")
    return vault, keys


def open_blob(path, vault, resident, generation, content, pek_id, pek):
    """The plaintext of one blob file and its header."""
    with open(path, "rb") as file:
        data = file.read()
    need(len(data) >= 284 + 72, "blob: too short")
    header, payload = data[:284], data[284:]
    fields = struct.unpack(">8sHHHH16s16s16sQQ32sQBBBB", header[:124])
    need(fields[0] == MAGIC and fields[1:5] == (1, 1, 284, 1), "blob: opening")
    need(fields[5] == vault and fields[6] == resident and fields[8] == generation, "blob: of something else")
    need(fields[7][6] >> 4 == 7 and fields[7][8] >> 6 == 2, "blob: its id is no UUIDv7")
    length, kind, compression, padding, reserved = fields[11:16]
    need(length <= 64 << 20 and kind == content and compression == 0 and padding in (0, 1) and reserved == 0, "blob: field")
    need(struct.unpack(">HHI", header[124:132]) == (1, 16, 104), "blob: stanza")
    need(header[132:148] == pek_id, "blob: sealed under another key")
    bound = header[8:12] + header[16:124]
    key = open_chunks(pek, b"sanctuary/dek-wrap/v1\0" + bound + header[124:148], header[148:252], "blob's key")
    need(hmac.compare_digest(mac(key, b"sanctuary/header-mac/v1", header[:252]), header[252:]), "blob: header MAC")
    plain = open_chunks(key, b"sanctuary/blob/v1\0" + bound, payload, "payload")
    need(len(plain) == (padme(length) if padding else length), "blob: padded length")
    need(not any(plain[length:]), "blob: padding is not zero")
    if generation == 0 and content == 1:
        need(not any(fields[10]), "blob: a first generation names one before it")
    return plain[:length], header


def resident_bytes(text):
    digits = text.replace("-", "").lower()
    if len(digits) != 32:
        raise argparse.ArgumentTypeError("32 hex digits")
    return bytes.fromhex(digits)


def blob(options, vault, keys):
    resident = options.resident
    name = resident.hex()
    folder = os.path.join(options.home, "vault", "blobs", name[-2:])
    if options.episode is not None:
        number, content, file = options.episode, 2, f"{name}.e{options.episode}.blob"
    else:
        number, content = options.generation, 1
        if number is None:
            parts = [file.split(".") for file in os.listdir(folder) if file.startswith(name)]
            number = max(int(part[1]) for part in parts if len(part) == 3 and part[1].isdigit())
        file = f"{name}.{number}.blob"
    plain, header = open_blob(os.path.join(folder, file), vault, resident, number, content, *keys[resident])
    return {
        "generation": number,
        "length": len(plain),
        "sha256": hashlib.sha256(plain).hexdigest(),
        "header": "blake3:" + blake3(header).hexdigest(),
        "previous": "blake3:" + header[80:112].hex(),
    }


def sealed(options, vault, keys):
    """A sealed span payload or journal step: its message without length field and padding."""
    kind, identifier, sequence, name = options.place
    key = expand(keys[options.resident][1], b"sanctuary/sealed/v1\0" + vault, 32)
    context = b"sanctuary/sealed/v1\0" + kind.encode() + b"\0" + resident_bytes(identifier)
    context += int(sequence).to_bytes(4, "big") + name.encode()
    with open(options.file, "rb") as file:
        whole = open_chunks(key, context, file.read(), kind)
    length = int.from_bytes(whole[:4], "big")
    need(len(whole) >= 4 and len(whole) == padme(length + 4) and not any(whole[4 + length :]), "padding")
    message = whole[4 : 4 + length]
    return {"length": length, "sha256": hashlib.sha256(message).hexdigest(), "isObject": message[:1] == b"{"}


def digest(options, vault, keys):
    key = expand(keys[options.resident][1], b"sanctuary/digest/v1\0" + vault, 32)
    with open(options.file, "rb") as file:
        return {"digest": "hmac-sha512:" + hmac.digest(key, file.read(), "sha512")[:32].hex()}


def main():
    parser = argparse.ArgumentParser(description="Opens a home's sealed things and prints hashes of what is in them.")
    parser.add_argument("what", choices=["blob", "sealed", "digest"])
    parser.add_argument("home")
    parser.add_argument("resident", type=resident_bytes)
    parser.add_argument("--master", help="the file of the master key, else HOME/keys/master.key")
    parser.add_argument("--passphrase", help="a file that holds the passphrase instead")
    parser.add_argument("--generation", type=int, help="else the highest there is")
    parser.add_argument("--episode", type=int)
    parser.add_argument("--file", help="what `sealed` opens and `digest` reads")
    parser.add_argument("--place", nargs=4, metavar=("KIND", "ID", "SEQ", "NAME"))
    options = parser.parse_args()
    try:
        vault, keys = read_keyring(options.home, options)
        need(options.resident in keys, "no key of this resident")
        print(json.dumps({"blob": blob, "sealed": sealed, "digest": digest}[options.what](options, vault, keys)))
    except (Refused, OSError) as refusal:
        print(f"vault_reader: {refusal}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
