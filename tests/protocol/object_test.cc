// OBJECT.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNull = "$-1\r\n";

TEST(ObjectCommands, ObjectEncodingOfStrings) {
  Converse({
      {"a", "SET k 12345", kOk},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SET k -1", kOk},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SET k 9223372036854775807", kOk},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SET k -9223372036854775808", kOk},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SET k 9223372036854775808", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k \"\"", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k -0", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k 007", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k +7", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k aaaaaaaaaabbbbbbbbbbccccccccccddddddddddaaaa", kOk},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "SET k aaaaaaaaaabbbbbbbbbbccccccccccddddddddddaaaab", kOk},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"r3", "OBJECT ENCODING k", Bulk("raw")},
  });
}

TEST(ObjectCommands, ObjectEncodingOfLists) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "OBJECT ENCODING l", Bulk("quicklist")},
      {"a", "OBJECT REFCOUNT l", ":1\r\n"},
  });
}

TEST(ObjectCommands, ObjectEncodingSaysRawAfterAnEdit) {
  Converse({
      {"a", "SET k abc", kOk},
      {"a", "APPEND k d", ":4\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "SET k abc", kOk},
      {"a", "APPEND k \"\"", ":3\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "SET k 5", kOk},
      {"a", "APPEND k \"\"", ":1\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "SET k 12", kOk},
      {"a", "APPEND k 3", ":3\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "APPEND fresh 77", ":2\r\n"},
      {"a", "OBJECT ENCODING fresh", Bulk("int")},
      {"a", "APPEND fresh 7", ":3\r\n"},
      {"a", "OBJECT ENCODING fresh", Bulk("raw")},
      {"a", "APPEND fresh2 a", ":1\r\n"},
      {"a", "OBJECT ENCODING fresh2", Bulk("embstr")},
      {"a", "APPEND fresh3 \"\"", ":0\r\n"},
      {"a", "OBJECT ENCODING fresh3", Bulk("embstr")},
      {"a", "SET k 12345", kOk},
      {"a", "SETRANGE k 1 \"\"", ":5\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SETRANGE k 1 9", ":5\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "SET k abcd", kOk},
      {"a", "SETRANGE k 0 x", ":4\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("raw")},
      {"a", "SETRANGE fresh4 5 abc", ":8\r\n"},
      {"a", "OBJECT ENCODING fresh4", Bulk("raw")},
      {"a", "SETRANGE fresh5 0 5", ":1\r\n"},
      {"a", "OBJECT ENCODING fresh5", Bulk("raw")},
  });
}

TEST(ObjectCommands, ObjectEncodingAfterOtherWrites) {
  Converse({
      {"a", "SETEX k 100 77", kOk},
      {"a", "OBJECT ENCODING k", Bulk("int")},
      {"a", "SETNX k2 77", ":1\r\n"},
      {"a", "OBJECT ENCODING k2", Bulk("int")},
      {"a", "MSET k3 77 k4 abc", kOk},
      {"a", "OBJECT ENCODING k3", Bulk("int")},
      {"a", "OBJECT ENCODING k4", Bulk("embstr")},
      {"a", "MSETNX k5 77", ":1\r\n"},
      {"a", "OBJECT ENCODING k5", Bulk("int")},
      {"a", "GETSET k4 77", Bulk("abc")},
      {"a", "OBJECT ENCODING k4", Bulk("int")},
      {"a", "SET k4 78 GET", Bulk("77")},
      {"a", "OBJECT ENCODING k4", Bulk("int")},
      {"a", "SET k4 abc KEEPTTL", kOk},
      {"a", "OBJECT ENCODING k4", Bulk("embstr")},
      {"a", "INCR c", ":1\r\n"},
      {"a", "OBJECT ENCODING c", Bulk("int")},
      {"a", "INCRBYFLOAT c 1.5", Bulk("2.5")},
      {"a", "OBJECT ENCODING c", Bulk("embstr")},
      {"a", "SET raw 1", kOk},
      {"a", "APPEND raw 0", ":2\r\n"},
      {"a", "INCR raw", ":11\r\n"},
      {"a", "OBJECT ENCODING raw", Bulk("int")},
      {"a", "SETRANGE raw 0 5", ":2\r\n"},
      {"a", "INCRBY raw 0", ":51\r\n"},
      {"a", "OBJECT ENCODING raw", Bulk("int")},
      {"a", "APPEND raw 1", ":3\r\n"},
      {"a", "SET raw 5", kOk},
      {"a", "OBJECT ENCODING raw", Bulk("int")},
  });
}

TEST(ObjectCommands, ObjectEncodingTravelsWithTheValue) {
  Converse({
      {"a", "SET k 5", kOk},
      {"a", "APPEND k 1", ":2\r\n"},
      {"a", "COPY k copied", ":1\r\n"},
      {"a", "OBJECT ENCODING copied", Bulk("raw")},
      {"a", "RENAME k renamed", kOk},
      {"a", "OBJECT ENCODING renamed", Bulk("raw")},
      {"a", "MOVE renamed 1", ":1\r\n"},
      {"a", "EXPIRE copied 100", ":1\r\n"},
      {"a", "OBJECT ENCODING copied", Bulk("raw")},
      {"a", "PERSIST copied", ":1\r\n"},
      {"a", "OBJECT ENCODING copied", Bulk("raw")},
      {"a", "SELECT 1", kOk},
      {"a", "OBJECT ENCODING renamed", Bulk("raw")},
      {"a", "SET n 5", kOk},
      {"a", "COPY n m", ":1\r\n"},
      {"a", "OBJECT ENCODING m", Bulk("int")},
  });
}

TEST(ObjectCommands, ObjectRefCountShowsSharedNumbers) {
  Converse({
      {"a", "SET k 0", kOk},
      {"a", "OBJECT REFCOUNT k", ":2147483647\r\n"},
      {"a", "SET k 9999", kOk},
      {"a", "OBJECT REFCOUNT k", ":2147483647\r\n"},
      {"a", "SET k 10000", kOk},
      {"a", "OBJECT REFCOUNT k", ":1\r\n"},
      {"a", "SET k -1", kOk},
      {"a", "OBJECT REFCOUNT k", ":1\r\n"},
      {"a", "SET k abc", kOk},
      {"a", "OBJECT REFCOUNT k", ":1\r\n"},
      {"a", "INCR c", ":1\r\n"},
      {"a", "OBJECT REFCOUNT c", ":2147483647\r\n"},
      {"a", "APPEND fresh 77", ":2\r\n"},
      {"a", "OBJECT REFCOUNT fresh", ":2147483647\r\n"},
      {"a", "APPEND fresh 7", ":3\r\n"},
      {"a", "OBJECT REFCOUNT fresh", ":1\r\n"},
  });
}

TEST(ObjectCommands, ObjectOfAMissingKeyIsNull) {
  Converse({
      {"a", "OBJECT ENCODING nokey", kNull},
      {"a", "OBJECT REFCOUNT nokey", kNull},
      {"a", "OBJECT IDLETIME nokey", kNull},
      {"a", "OBJECT FREQ nokey", kNull},
      {"r3", "OBJECT ENCODING nokey", "_\r\n"},
      {"r3", "OBJECT REFCOUNT nokey", "_\r\n"},
      {"r3", "OBJECT IDLETIME nokey", "_\r\n"},
      {"r3", "OBJECT FREQ nokey", "_\r\n"},
  });
}

TEST(ObjectCommands, ObjectFreqNeedsAPolicyThatIsNotThere) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "OBJECT FREQ k",
       "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
       "between policies at runtime LRU and LFU data will take some time to adjust.\r\n"},
  });
}

TEST(ObjectCommands, ObjectSubcommandsAreChecked) {
  Converse({
      {"a", "OBJECT", WrongArity("object")},
      {"a", "OBJECT foo", "-ERR unknown subcommand 'foo'. Try OBJECT HELP.\r\n"},
      {"a", "OBJECT foo k", "-ERR unknown subcommand 'foo'. Try OBJECT HELP.\r\n"},
      {"a", "OBJECT ENCODING", WrongArity("object|encoding")},
      {"a", "OBJECT ENCODING k l", WrongArity("object|encoding")},
      {"a", "OBJECT HELP a", WrongArity("object|help")},
      {"a", "OBJECT FREQ", WrongArity("object|freq")},
      {"a", "object encoding nokey", kNull},
  });
}

TEST(ObjectCommands, ObjectHelpListsItsSubcommands) {
  Converse({
      {"a", "OBJECT HELP",
       "*15\r\n+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+ENCODING <key>\r\n+    Return the "
       "kind of internal representation used in order to store the value\r\n+    associated with a <key>.\r\n+FREQ "
       "<key>\r\n+    Return the access frequency index of the <key>. The returned integer is\r\n+    proportional to "
       "the logarithm of the recent access frequency of the key.\r\n+IDLETIME <key>\r\n+    Return the idle time of "
       "the <key>, that is the approximated number of\r\n+    seconds elapsed since the last access to the "
       "key.\r\n+REFCOUNT <key>\r\n+    Return the number of references of the value associated with the "
       "specified\r\n+    <key>.\r\n+HELP\r\n+    Prints this help.\r\n"},
      {"r3", "OBJECT HELP",
       "*15\r\n+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+ENCODING <key>\r\n+    Return the "
       "kind of internal representation used in order to store the value\r\n+    associated with a <key>.\r\n+FREQ "
       "<key>\r\n+    Return the access frequency index of the <key>. The returned integer is\r\n+    proportional to "
       "the logarithm of the recent access frequency of the key.\r\n+IDLETIME <key>\r\n+    Return the idle time of "
       "the <key>, that is the approximated number of\r\n+    seconds elapsed since the last access to the "
       "key.\r\n+REFCOUNT <key>\r\n+    Return the number of references of the value associated with the "
       "specified\r\n+    <key>.\r\n+HELP\r\n+    Prints this help.\r\n"},
  });
}

TEST(ObjectCommands, ObjectIdleTimeCountsFromTheLastUse) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "OBJECT IDLETIME k", ":0\r\n"},
      {kSleep, "5000", ""},
      {"a", "OBJECT IDLETIME k", ":5\r\n"},
      {"a", "OBJECT IDLETIME l", ":5\r\n"},
      {"a", "EXISTS k", ":1\r\n"},
      {"a", "TYPE k", "+string\r\n"},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "EXPIRETIME k", ":-1\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "KEYS k", Bulks({"k"})},
      {"a", "SCAN 0 MATCH k TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n"},
      {"a", "OBJECT IDLETIME k", ":5\r\n"},
      {"a", "GET k", Bulk("v")},
      {"a", "OBJECT IDLETIME k", ":0\r\n"},
      {"a", "TOUCH l", ":1\r\n"},
      {"a", "OBJECT IDLETIME l", ":0\r\n"},
      {kSleep, "3000", ""},
      {"a", "SET k w", kOk},
      {"a", "OBJECT IDLETIME k", ":0\r\n"},
      {"a", "COPY l m", ":1\r\n"},
      {"a", "OBJECT IDLETIME m", ":0\r\n"},
  });
}

TEST(ObjectCommands, AFloatThatBecameWholeIsNoInteger) {
  Converse({
      {"a", "INCRBYFLOAT k 0", Bulk("0")},
      {"a", "OBJECT ENCODING k", Bulk("embstr")},
      {"a", "OBJECT REFCOUNT k", ":1\r\n"},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "COPY k copy", ":1\r\n"},
      {"a", "OBJECT ENCODING copy", Bulk("embstr")},
      {"a", "SET k 0", "+OK\r\n"},
      {"a", "OBJECT ENCODING k", Bulk("int")},
  });
}

}  // namespace
}  // namespace baton
