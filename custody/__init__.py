"""The pure core: what a custody event is, who may sign it, whether a chain holds, and how to prove it.

Nothing here opens a file or socket, reads a clock or draws randomness (`cli.py` excepted): they are handed in.
Read in this order: `s10`, `label`, `cose`, `forms`, `fields`, `event`, `certificate`, `issuance`, `threshold`, `keys`,
`admission`; then `machine`, `findings`, `rules`, `cover`, `judge`; then the log (`merkle`, `note`, `logkeys`,
`checkpoint`, `receipt`, `tiles`), and what leaves the house (`dossier`, `verify`).
"""
