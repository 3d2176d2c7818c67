# SPDX-License-Identifier: GPL-3.0-or-later
"""What a description says is enough to write the disc again: gaps, indices, marks, words, order."""

import struct
from pathlib import Path

import pytest

from discwright.image.formats import identify
from discwright.image.recording import Form, minutes, record
from discwright.image.wave import find_samples

SECOND = 75


def described(tmp_path: Path, name: str, text: str, **files: int | bytes):
    for stem, content in files.items():
        path = tmp_path / (stem.replace("_", ".") if "_" in stem else f"{stem}.bin")
        path.write_bytes(bytes(content) if isinstance(content, int) else content)
    path = tmp_path / name
    path.write_text(text)
    found = identify(path)
    assert found.usable, found.message
    assert found.layout is not None
    return record(found.layout)


def wave(samples: int, *, rate=44_100, bits=16, channels=2, before=b"", size=None):
    data = bytes(samples * 4)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * 4, 4, bits)
    told = len(data) if size is None else size
    inside = b"WAVE" + before + form + struct.pack("<4sI", b"data", told) + data
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


CUE = """CATALOG 1234567890123
TITLE "The Album"
PERFORMER "Somebody"
FILE "a.bin" BINARY
  TRACK 01 MODE1/2352
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    FLAGS DCP PRE
    PREGAP 00:02:00
    TITLE "One"
    ISRC US-ABC-12-34567
    INDEX 01 00:10:00
  TRACK 03 AUDIO
    FLAGS 4CH
    INDEX 00 00:20:00
    INDEX 01 00:21:00
    INDEX 02 00:25:00
    INDEX 03 00:28:00
    POSTGAP 00:01:00
"""


def test_a_cue_sheet_tells_everything_that_a_disc_needs(tmp_path):
    found = described(tmp_path, "d.cue", CUE, a=30 * SECOND * 2352)
    one, two, three = found.tracks
    assert [t.form for t in found.tracks] == [Form.MODE1, Form.AUDIO, Form.AUDIO]
    assert [t.start for t in found.tracks] == [0, 12 * SECOND, 23 * SECOND]
    assert [t.pregap for t in found.tracks] == [0, 2 * SECOND, SECOND]
    assert [t.control for t in found.tracks] == [4, 3, 8]
    assert found.sectors == three.end == 33 * SECOND
    assert three.indices == (4 * SECOND, 7 * SECOND)
    assert two.source.marks.isrc == "USABC1234567"
    assert found.layout.catalog == "1234567890123"
    assert found.layout.words == {"TITLE": "The Album", "PERFORMER": "Somebody"}
    assert two.source.words == {"TITLE": "One"}
    assert one.size == 10 * SECOND * 2048
    assert found.size == 10 * SECOND * 2048 + 23 * SECOND * 2352
    assert [t.offset for t in found.tracks] == [0, one.size, one.size + 12 * SECOND * 2352]


def test_what_is_on_it_is_said_as_people_say_it(tmp_path):
    found = described(tmp_path, "d.cue", CUE, a=30 * SECOND * 2352)
    assert found.summary == "1 track of data and 2 tracks of music, 0:33"
    assert minutes(54 * 60 * SECOND + 30 * SECOND + 1) == "54:31"
    assert not found.plain
    assert [len(found.data), len(found.music)] == [1, 2]


def test_one_data_track_is_plain_and_one_with_a_pregap_is_not(tmp_path):
    head = 'FILE "a.bin" BINARY\nTRACK 01 MODE1/2048\n'
    assert described(tmp_path, "a.cue", head + "INDEX 01 00:00:00\n", a=900 * 2048).plain
    hidden = head + "INDEX 00 00:00:00\nINDEX 01 00:02:00\n"
    assert not described(tmp_path, "b.cue", hidden, a=900 * 2048).plain


@pytest.mark.parametrize(
    ("mode", "stored", "form"),
    [
        ("AUDIO", 2352, Form.AUDIO), ("MODE1/2048", 2048, Form.MODE1),
        ("MODE1/2352", 2352, Form.MODE1), ("MODE2/2336", 2336, Form.MODE2),
        ("MODE2/2352", 2352, Form.MODE2), ("MODE2/2048", 2048, Form.MODE2_FORM1),
        ("MODE2/2324", 2324, Form.MODE2_FORM2), ("CDI/2352", 2352, Form.MODE2),
    ],
)  # fmt: skip
def test_each_kind_of_track_has_its_form(tmp_path, mode, stored, form):
    text = f'FILE "a.bin" BINARY\nTRACK 01 {mode}\nINDEX 01 00:00:00\n'
    found = described(tmp_path, "a.cue", text, a=400 * stored)
    assert found.tracks[0].form is form
    assert (found.sectors, found.size) == (400, 400 * form.size)


def test_music_that_ends_within_a_sector_is_filled_with_silence(tmp_path):
    text = 'FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'
    found = described(tmp_path, "a.cue", text, a=400 * 2352 + 100)
    assert found.sectors == 401
    assert [piece.length for piece in found.tracks[0].source.pieces] == [400 * 2352 + 100, 2252]


def test_several_files_lie_one_after_the_other(tmp_path):
    text = "".join(
        f'FILE "{name}.wav" WAVE\nTRACK {n:02} AUDIO\nINDEX 01 00:00:00\n'
        for n, name in enumerate("ab", 1)
    )
    found = described(tmp_path, "w.cue", text, a_wav=wave(588 * 400), b_wav=wave(588 * 500 + 1))
    assert [track.start for track in found.tracks] == [0, 400]
    assert found.sectors == 901
    assert found.tracks[0].source.pieces[0].offset == 44
    assert not any(track.source.obstacle for track in found.tracks)


@pytest.mark.parametrize(
    "content", [wave(588 * 400, rate=48_000), wave(588 * 400, bits=24), wave(9, channels=1),
                b"ID3" + bytes(99_000), b"RIFF"],
)  # fmt: skip
def test_other_audio_files_are_an_obstacle_that_is_named(tmp_path, content):
    text = 'FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'
    found = described(tmp_path, "w.cue", text, a_wav=content)
    assert "a.wav" in found.tracks[0].source.obstacle


def test_samples_are_found_behind_other_chunks_and_never_past_the_end(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(wave(100, before=b"LIST\5\0\0\0hello\0", size=2**31))
    found = find_samples(path)
    assert found is not None
    assert (found.offset, found.length) == (44 + 14, 400)
    assert find_samples(tmp_path / "none.wav") is None


def test_big_endian_music_is_marked(tmp_path):
    text = 'FILE "a.bin" MOTOROLA\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'
    found = described(tmp_path, "m.cue", text, a=400 * 2352)
    assert found.tracks[0].source.pieces[0].swapped


TOC = """CD_DA
CATALOG "1234567890123"
CD_TEXT { LANGUAGE_MAP { 0 : EN 1 : 5 }
  LANGUAGE 0 { TITLE "Album \\"x\\"" PERFORMER "Me" }
  LANGUAGE 1 { TITLE "Autre" } }
TRACK AUDIO
COPY
PRE_EMPHASIS
ISRC "USABC1234567"
CD_TEXT { LANGUAGE 0 { TITLE "Song" } }
SILENCE 00:02:00
START
FILE "a.bin" 588 00:05:00
FILE "b.bin" SWAP 0 100
INDEX 00:03:00
TRACK AUDIO
NO COPY
FOUR_CHANNEL_AUDIO
FILE "b.bin" 0 00:05:00
"""


def test_a_toc_file_tells_it_too_down_to_the_sample(tmp_path):
    found = described(tmp_path, "d.toc", TOC, a=6 * SECOND * 2352, b=6 * SECOND * 2352)
    one, two = found.tracks
    assert [(t.start, t.pregap, t.control) for t in found.tracks] == [(150, 150, 3), (526, 0, 8)]
    assert [(p.offset, p.length, p.swapped) for p in one.source.pieces] == [
        (0, 150 * 2352, False), (2352, 375 * 2352, True), (0, 400, False), (0, 2352 - 400, False),
    ]  # fmt: skip
    assert one.indices == (3 * SECOND,)
    assert one.source.marks.isrc == "USABC1234567"
    assert found.layout.words == {"TITLE": 'Album "x"', "PERFORMER": "Me"}
    assert one.source.words == {"TITLE": "Song"}
    assert two.source.words == {}
    assert found.sectors == 901


def test_a_wave_file_in_a_toc_begins_behind_its_header(tmp_path):
    text = 'CD_DA\nTRACK AUDIO\nFILE "a.wav" 0\n'
    found = described(tmp_path, "d.toc", text, a_wav=wave(588 * 400))
    piece = found.tracks[0].source.pieces[0]
    assert (piece.offset, piece.length, piece.swapped) == (44, 400 * 2352, False)


def nrg(tmp_path, *chunks, data):
    body = b"".join(kind + struct.pack(">I", len(chunk)) + chunk for kind, chunk in chunks)
    path = tmp_path / "d.nrg"
    path.write_bytes(data + body + b"END!" + bytes(4) + b"NER5" + struct.pack(">Q", len(data)))
    found = identify(path)
    assert found.usable, found.message
    return record(found.layout)


def test_a_nero_image_tells_marks_and_gaps(tmp_path):
    def entry(isrc, size, mode, *places):
        return isrc.ljust(12, b"\0") + struct.pack(">HBB2x", size, mode, 0) + struct.pack(
            ">QQQ", *places
        )  # fmt: skip

    ends = (150 * 2352, 550 * 2352, 700 * 2352, 1100 * 2352)
    dao = (
        struct.pack("<I", 0) + b"1234567890123" + bytes(5)
        + entry(b"", 2352, 0x05, 0, ends[0], ends[1])
        + entry(b"USABC1234567", 2352, 0x07, ends[1], ends[2], ends[3])
    )  # fmt: skip
    places = ((0x41, 0, 0), (0x41, 1, 1), (0x21, 2, 0), (0x21, 2, 1), (0x21, 0xAA, 1))
    cue = b"".join(bytes([c, n, i, 0]) + bytes(4) for c, n, i in places)
    found = nrg(tmp_path, (b"CUEX", cue), (b"DAOX", dao), data=bytes(1100 * 2352))
    assert [(t.start, t.pregap, t.end, t.control) for t in found.tracks] == [
        (0, 0, 400, 4), (550, 150, 950, 2)
    ]  # fmt: skip
    assert found.tracks[0].source.pieces[0].offset == 150 * 2352
    assert found.tracks[1].source.marks.isrc == "USABC1234567"
    assert found.layout.catalog == "1234567890123"


def test_gaps_between_tracks_at_once_are_no_part_of_the_file(tmp_path):
    def entry(offset, sectors, mode, lba):
        return struct.pack(">QQIIQ", offset, sectors * 2352, mode, lba, 0)

    etn = entry(0, 400, 0x07, 0) + entry(400 * 2352, 400, 0x07, 550)
    found = nrg(tmp_path, (b"ETN2", etn), data=bytes(800 * 2352))
    assert [(t.start, t.pregap, t.end) for t in found.tracks] == [(0, 0, 400), (550, 150, 950)]
    assert found.tracks[1].source.pieces[0].file is None


def test_nonsense_in_codes_is_left_out(tmp_path):
    text = (
        'CATALOG abc\nFILE "a.bin" BINARY\nTRACK 01 AUDIO\nISRC "; rm -rf /"\nFLAGS X Y\n'
        "INDEX 01 00:00:00\nINDEX 02 99999:59:74\nINDEX 04 00:01:00\n"
    )
    found = described(tmp_path, "n.cue", text, a=400 * 2352)
    assert found.layout.catalog == found.tracks[0].source.marks.isrc == ""
    assert found.tracks[0].control == 0
    assert found.tracks[0].indices == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.cue", 'FILE "a.bin" BINARY\n'
         + "".join(f"TRACK {n} AUDIO\nINDEX 01 0:{n}:0\n" for n in range(1, 101))),
        ("a.toc", "CD_DA\n" + 'TRACK AUDIO\nFILE "a.bin" 0 00:04:00\n' * 100),
        ("b.toc", "CD_DA\n"),
        ("c.toc", 'CD_DA\nTRACK AUDIO\nFILE "../a.bin" 0\n'),
        ("d.toc", 'CD_DA\nTRACK AUDIO\nFILE "/etc/passwd" 0\n'),
        ("e.toc", 'CD_DA\nTRACK AUDIO\nFILE "a\\012.bin" 0\n'),
        ("f.toc", 'CD_DA\nTRACK AUDIO\nFILE "a.bin" 999999999999 00:04:00\n'),
        ("b.cue", 'FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 999999:59:74\n'),
        ("c.cue", 'FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 00 0:5:0\nINDEX 01 0:1:0\n'),
    ],
)  # fmt: skip
def test_hostile_descriptions_are_refused_with_a_sentence(tmp_path, name, text):
    (tmp_path / "a.bin").write_bytes(bytes(2352 * 400))
    (tmp_path / name).write_text(text)
    found = identify(tmp_path / name)
    assert not found.usable
    assert found.message
