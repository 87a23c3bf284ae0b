#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "queue/note.h"

namespace baton {

// The bytes of queue notes: `#Q` lines, which Redis skips. They stand right before the command that they belong to,
// and a change that is no command to Redis is one or more of them alone. doc/log-format.md has the page for users.
//
//   note = "#Q " text CRLF | "#Q+" text CRLF *("#Q+" text CRLF) "#Q-" text CRLF       (a long one is cut into lines)
//   text = letter *(" " word)
//
// Numbers are decimal, times milliseconds since 1970; in other words, bytes up to the space, '%' and from 0x7f on are
// written as %XX, and no byte at all as %.
//
//   l id until lease                       lease: the element of the move that follows
//   s id                                   settle, by the LREM that follows
//   t id                                   the same, too late: an LREM that looked for it in another list
//   m id                                   leave: the LREM that follows takes its element on
//   p id at deliveries failures counts state reason side granted
//                                          place: the element of the push that follows
//   v                                      by value: the pop that follows was an LREM of that element
//   x id until lease                       extend
//   g time                                 grant
//   n id                                   ids up to this one may have been given out (in a base)
//   k seed                                 of payload hashes
//   P word ...                             policy
//   D name                                 policy removed
//   F name                                 the account of an empty queue ends
//   L number name                          list (in a base)
//   A number enqueued adopted acked removed forwarded dropped delivered expired nacked late
//   M id hash check at lease list source deliveries failures state reason side granted
inline constexpr std::string_view kNoteLineStart = "#Q";

// The most bytes that EncodeNotes writes.
size_t NoteBytesMax(const QueueNotes& notes);
char* EncodeNotes(const QueueNotes& notes, char* to);

// Whether a line looks like one of a note. A group's own line never does, nor with one byte of it changed.
bool IsNoteLine(std::string_view line);

// Whether a note stands beside a command, or alone.
bool StandsAlone(NoteKind kind);

// Puts lines together again.
class NoteReader {
 public:
  // Takes one line, which begins with kNoteLineStart. *complete: note() holds a note now. Not ok: it is none.
  Status Take(std::string_view line, bool* complete);
  QueueNote& note() { return note_; }
  bool in_the_middle() const { return !text_.empty(); }

 private:
  Status Parse();

  std::string text_;
  QueueNote note_{};
};

}  // namespace baton
