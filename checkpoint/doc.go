// Package checkpoint keeps what survives a restart: how far the walk of each
// queue has come, what it has found so far, and which versions of which
// conversations were published.
//
// # Words
//
// A queue is walked window by window, a window page by page; a pass is one
// walk of a window, the first being pass 0. A [Position] says which page of
// which pass of which window was the last one completed. It names what it is
// a position in: the whole [Query], and the [Destination] that has the
// records. A position is stored under a checkpoint name and a [Key], which is
// a queue and a [Lane]. A [Store] keeps the positions of one checkpoint name;
// [Dir] is the one in a directory. To checkpoint is to store a position. A [Reader]
// looks at what a [Dir] stores, beside the process that has it, and changes nothing.
//
// The [Account] of a position counts what the passes of its window have come
// to. A [Ledger] knows, of one queue and one UTC day ([Day]) on which
// conversations began, the version of each that was published last. It grows
// by a [Chunk] with each page, which is stored before the position of that
// page, or with it; the position holds a [Mark], which says how much of the
// ledger was there then. Both lanes of a queue share its ledgers.
//
// # Guarantee
//
// What [Store.Save] has stored, [Store.Load] returns, after any crash, to the
// millisecond; what it has not stored does not exist. The invariants of
// package producer that this one upholds, by their numbers there:
//
//  2. Positions of a lane are ordered by (turn, window, pass, page, end) and
//     only grow: Save refuses one that does not come after the stored one. A
//     Save that failed may be tried again with the same position. Only
//     [Store.Rewind] moves one back.
//  3. A position holds its whole query and destination, so that it can be
//     resumed under no other. Save refuses a page of the same pass and window
//     under another query or for another destination.
//  5. A checkpoint is the old one or the new one, never a torn one. One that
//     is there and cannot be read is an error with a [Reason], never "none".
//
// A ledger promises less, so that it can cost less. What is in it is true; what
// is not in it is published, perhaps again. One that is torn or lost
// costs messages that say nothing new, never a conversation: [ReadLedger] takes
// what is whole, and says whether that is all that the position vouches for.
//
// Whether a page is completed, and whether a position may be resumed under
// today's configuration, is for the caller to know.
//
// # Files
//
// For a checkpoint name, [Dir] has one directory:
//
//	{dir}/{name}/lock                        locked while in use; names the holder
//	{dir}/{name}/{queue}.{lane}.json         the position of one queue and lane
//	{dir}/{name}/{queue}.{day}.ledger        a ledger; {day} as in 2026-03-01
//	{dir}/{name}/{queue}.{lane}.json.{time}.former
//	                                         what a Rewind has replaced; {time} as in 20260301T101112Z, UTC
//	{dir}/{name}/*.json.tmp, *.ledger.tmp    a write that has not ended; worth nothing
//
// In {queue}, lower-case letters, digits and hyphens stand for themselves;
// any other byte is a percent sign and two lower-case hex digits.
//
// A position is written to the temporary file, which is flushed to the disk,
// closed and renamed over the old one; then the directory is flushed. A chunk
// at the beginning of a ledger is written likewise. Any other is written in
// place, the file is cut behind it and flushed: that costs the same however
// long the ledger is, and what a crash tears lies behind the mark of the
// position that is stored. Copies that a Rewind keeps are never removed. The
// lock file is locked by flock(2), so its file system must be one where that
// works between all processes that could use it. It is never removed.
//
// # Format
//
// [Encode] writes, and [Decode] reads, a JSON object in UTF-8, indented by two
// spaces and ended by a newline, of at most [MaxSize] bytes. This is version 2,
// with all of its fields in their order:
//
//	{
//	  "format": "genesys-producer/checkpoint",
//	  "version": 2,
//	  "sha256": "8b9aedea1ad5a8401961c951433de9c04943d0718230de5362c6d07290371d90",
//	  "body": {
//	    "name": "default",
//	    "queue": "3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11",
//	    "lane": "live",
//	    "position": {
//	      "query": {
//	        "dialect": "conversations",
//	        "api": "api.mypurecloud.com",
//	        "queue": "3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11",
//	        "since": "2026-02-28T23:00:00.000Z",
//	        "from": "2026-03-01T00:00:00.000Z",
//	        "to": "2026-03-01T01:00:00.000Z",
//	        "order": "asc",
//	        "filters": "",
//	        "pageSize": 100
//	      },
//	      "destination": {
//	        "cluster": "MkU3OEVBNTcwNTJENDM2Qk",
//	        "topic": "genesys.conversations"
//	      },
//	      "start": "24h",
//	      "turn": 0,
//	      "pass": 0,
//	      "page": 7,
//	      "read": 700,
//	      "last": false,
//	      "ended": false,
//	      "closed": false,
//	      "account": {
//	        "looks": 0,
//	        "totals": {
//	          "first": 1234,
//	          "last": 1236,
//	          "moved": true
//	        },
//	        "before": 200000,
//	        "truncated": false,
//	        "distinct": 690,
//	        "repeated": 10,
//	        "news": 655,
//	        "pages": 7,
//	        "published": 640,
//	        "superseded": 15,
//	        "letters": 1,
//	        "outside": 3,
//	        "rows": 100,
//	        "print": "9a0364b9e99bb480",
//	        "firstAt": 1772330000000,
//	        "readAt": 1772330400000,
//	        "begin": "0:4100,1:4200",
//	        "final": {
//	          "verdict": "",
//	          "why": "",
//	          "found": 0,
//	          "unchanged": 0,
//	          "open": 0,
//	          "digest": "",
//	          "end": ""
//	        }
//	      },
//	      "ledgers": [
//	        {
//	          "day": "2026-03-01",
//	          "length": 14520,
//	          "sum": "6d0f846348a85632"
//	        },
//	        {
//	          "day": "2026-02-28",
//	          "length": 182,
//	          "sum": "54d626e08c1c802b"
//	        }
//	      ],
//	      "agenda": "2026-02-28"
//	    }
//	  }
//	}
//
// sha256 is the SHA-256, in lower-case hex, of the value of body without the
// white space outside of its strings. Times are RFC 3339 in UTC with
// milliseconds. White space outside of strings may differ; nothing else may:
// a field that is missing, unknown, repeated, in another place or spelled in
// another way is refused, for a program that would ignore it might misread
// the rest. A new field therefore means a new version. Every version is read
// for ever; a version from the future is refused with [ErrNewer]. testdata has
// one sample of each. Version 1 had no since, turn, last, ended, account, ledgers
// or agenda: it is read with since as from, and the rest empty.
//
// # Format of a ledger
//
// A ledger is a sequence of frames without anything before or between them, one
// for each page. Numbers are little endian:
//
//	bytes
//	4      how many bytes follow, without the last 4
//	8      the walk, see [WalkOf]; zero in a ledger made by [Ledger.Compact]
//	2      the pass
//	8      when the page was sent for, in Unix milliseconds
//	       of each record:
//	1        0x01 open, 0x02 dead letter, 0x04 superseded; 0x80: the ledger has this version
//	12       the beginning of the SHA-256 of the conversation's id
//	8        the beginning of the SHA-256 of its bytes; not with 0x80
//	4      CRC-32C of all that
//
// The sum of a [Mark] is the first 8 bytes, in hex, of the SHA-256 of the sum
// before the last frame (16 hex digits; none before the first one) and of that
// frame. Reading ends at the first frame that is not whole.
package checkpoint
