// Package checkpoint keeps what survives a restart: how far the walk of each
// queue has come.
//
// # Words
//
// A queue is walked window by window, a window page by page; a pass is one
// walk of a window, the first being pass 0. A [Position] says which page of
// which pass of which window was the last one completed. It names what it is
// a position in: the whole [Query], and the [Destination] that has the
// records. A position is stored under a checkpoint name and a [Key], which is
// a queue and a [Lane]. A [Store] keeps the positions of one checkpoint name;
// [Dir] is the one in a directory. To checkpoint is to store a position.
//
// # Guarantee
//
// What [Store.Save] has stored, [Store.Load] returns, after any crash, to the
// millisecond; what it has not stored does not exist. The invariants of
// package producer that this one upholds, by their numbers there:
//
//  2. Positions of a lane are ordered by (window, pass, page) and only grow:
//     Save refuses one that does not come after the stored one. A Save that
//     failed may be tried again with the same position.
//  3. A position holds its whole query and destination, so that it can be
//     resumed under no other. Save refuses a page of the same pass and window
//     under another query or for another destination.
//  5. A checkpoint is the old one or the new one, never a torn one. One that
//     is there and cannot be read is an error with a [Reason], never "none".
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
//	{dir}/{name}/{queue}.{lane}.json.tmp     a write that has not ended; worth nothing
//
// In {queue}, lower-case letters, digits and hyphens stand for themselves;
// any other byte is a percent sign and two lower-case hex digits.
//
// A position is written to the temporary file, which is flushed to the disk,
// closed and renamed over the old one; then the directory is flushed. The
// lock file is locked by flock(2), so its file system must be one where that
// works between all processes that could use it. It is never removed.
//
// # Format
//
// [Encode] writes, and [Decode] reads, a JSON object in UTF-8, indented by two
// spaces and ended by a newline, of at most [MaxSize] bytes. This is version 1,
// with all of its fields in their order:
//
//	{
//	  "format": "genesys-producer/checkpoint",
//	  "version": 1,
//	  "sha256": "94190ba57be1b7251c219568135e6322d904ceb878050b4d5374a82d814c1477",
//	  "body": {
//	    "name": "default",
//	    "queue": "3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11",
//	    "lane": "live",
//	    "position": {
//	      "query": {
//	        "dialect": "conversations",
//	        "api": "api.mypurecloud.com",
//	        "queue": "3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11",
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
//	      "pass": 0,
//	      "page": 7,
//	      "read": 700,
//	      "closed": false
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
// one sample of each.
package checkpoint
