"""The one reader of pictures: inspection, thumbnails, engine, judge and gallery see a photo through it.

| module     | knows                                                                        |
|------------|------------------------------------------------------------------------------|
| kinds      | what a file is, by its first bytes                                           |
| faults     | what may be wrong with one                                                   |
| containers | headers of PNG and WebP                                                      |
| jpeg       | a JPEG's segments and scans: whether all came, and what its readers stumble over |
| orient     | EXIF's orientation, and undoing it                                           |
| colour     | embedded profiles to sRGB, transparency over white, the sRGB tag             |
| decoding   | bytes to pixels                                                              |

It imports nothing of ours, since the SageMaker image holds it beside `contracts`; `kinds` and `faults` need no library
at all.
"""
