#!/usr/bin/env python3
"""Writes this folder's golden chunk files, from common/format/FORMAT.md alone: it shares no code
with common/format, so that tests/common/format/golden_test.cc compares two implementations.

From the first release on, files are never made again: a new version of the format adds its own.
Needs the zstd command. Usage: make_golden.py [DIR]    (default: this folder)
"""
import hashlib
import os
import struct
import subprocess
import sys

FRAME_SIZE = 4096
RAW, ZSTD = 0, 1
CLUSTER = bytes(range(1, 17))
CHUNK = 0x1230


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


MARK = crc32c(struct.pack("<Q", CHUNK))


def text(count):
    out = b""
    line = 0
    while len(out) < count:
        out += b"line %d of a chunk that compresses well\n" % line
        line += 1
    return out[:count]


def noise(count, seed=1):
    out = bytearray()
    for _ in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(seed >> 56)
    return bytes(out)


def header(codec, version=1):
    head = struct.pack("<8sII16sQB19x", b"CairnChk", version, FRAME_SIZE, CLUSTER, CHUNK, codec)
    return head + struct.pack("<I", crc32c(head))


def frame(codec, sequence, plain):
    payload = plain
    used = RAW
    if codec == ZSTD:
        packed = subprocess.run(
            ["zstd", "-q", "-1", "--no-check", f"--stream-size={len(plain)}", "-c"],
            input=plain, stdout=subprocess.PIPE, check=True).stdout
        if len(packed) <= len(plain) * 9 // 10:
            payload, used = packed, ZSTD
    head = struct.pack("<IIIB3xI", len(payload), len(plain), sequence, used, crc32c(plain))
    return head + struct.pack("<I", crc32c(head + payload) ^ MARK) + payload


def footer(frames, pieces):
    body = b"CIDX" + struct.pack("<I", len(frames))
    for plain, stored in zip(pieces, frames):
        body += struct.pack("<II", len(plain), len(stored))
    return body + struct.pack("<I", crc32c(body))


def trailer(plain, frames_end, file_length, frame_count):
    units = [plain[i:i + 512] for i in range(0, len(plain), 512)]
    md5 = hashlib.md5(b"".join(struct.pack(">I", crc32c(unit)) for unit in units)).digest()
    body = struct.pack("<QQQII16s4x", len(plain), frames_end, file_length, frame_count,
                       crc32c(plain), md5)
    return body + struct.pack("<I", crc32c(body) ^ MARK) + b"CairnEnd"


def chunk(codec, pieces):
    frames = [frame(codec, n, piece) for n, piece in enumerate(pieces)]
    file = header(codec) + b"".join(frames)
    frames_end = len(file)
    file += footer(frames, pieces)
    return file + trailer(b"".join(pieces), frames_end, len(file) + 64, len(frames))


def main():
    where = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    pieces = [text(4096), noise(4096), text(1000), b"x", noise(300, 2)]
    unfinished = header(RAW) + b"".join(frame(RAW, n, piece) for n, piece in enumerate(pieces[:3]))
    files = {
        "raw_v1.chunk": chunk(RAW, pieces),
        "zstd_v1.chunk": chunk(ZSTD, pieces),
        "empty_v1.chunk": chunk(RAW, []),
        "unfinished_v1.chunk": unfinished + frame(RAW, 3, noise(300, 3))[:200],
        "newer_v2.chunk": header(RAW, version=2) + bytes(64),
    }
    for name, data in files.items():
        with open(os.path.join(where, name), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
