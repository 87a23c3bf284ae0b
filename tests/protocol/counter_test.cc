// Strings as numbers: INCR and its relatives.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";
const Bytes kNotFloat = "-ERR value is not a valid float\r\n";

TEST(CounterCommands, IncrCountsFromZero) {
  Converse({
      {"a", "INCR c", ":1\r\n"},
      {"a", "INCR c", ":2\r\n"},
      {"a", "INCRBY c 10", ":12\r\n"},
      {"a", "DECR c", ":11\r\n"},
      {"a", "DECRBY c 20", ":-9\r\n"},
      {"a", "GET c", Bulk("-9")},
      {"a", "DECR d", ":-1\r\n"},
      {"a", "INCRBY e -5", ":-5\r\n"},
      {"a", "DECRBY f -5", ":5\r\n"},
      {"r3", "INCR c", ":-8\r\n"},
      {"a", "INCR", WrongArity("incr")},
      {"a", "INCR a b", WrongArity("incr")},
      {"a", "INCRBY c", WrongArity("incrby")},
      {"a", "DECRBY c", WrongArity("decrby")},
      {"a", "DECR", WrongArity("decr")},
  });
}

TEST(CounterCommands, IncrRefusesWhatIsNoInteger) {
  Converse({
      {"a", "SET f 3.0", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f \" 5\"", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f \"5 \"", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f \"+5\"", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f 05", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f -0", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f \"\"", kOk},
      {"a", "INCR f", kNotInteger},
      {"a", "SET f 9223372036854775808", kOk},
      {"a", "DECR f", kNotInteger},
      {"a", "SET f abc", kOk},
      {"a", "INCRBY f 1", kNotInteger},
      {"a", "GET f", Bulk("abc")},
      {"a", "INCRBY f abc", kNotInteger},
      {"a", "INCRBY c abc", kNotInteger},
      {"a", "INCRBY c 1.5", kNotInteger},
      {"a", "INCRBY c 9223372036854775808", kNotInteger},
      {"a", "DECRBY c abc", kNotInteger},
      {"a", "EXISTS c", ":0\r\n"},
  });
}

TEST(CounterCommands, IncrRefusesToOverflow) {
  Converse({
      {"a", "SET max 9223372036854775807", kOk},
      {"a", "INCR max", "-ERR increment or decrement would overflow\r\n"},
      {"a", "INCRBY max 0", ":9223372036854775807\r\n"},
      {"a", "INCRBY max 1", "-ERR increment or decrement would overflow\r\n"},
      {"a", "DECRBY max -1", "-ERR increment or decrement would overflow\r\n"},
      {"a", "DECR max", ":9223372036854775806\r\n"},
      {"a", "SET min -9223372036854775808", kOk},
      {"a", "DECR min", "-ERR increment or decrement would overflow\r\n"},
      {"a", "INCRBY min -1", "-ERR increment or decrement would overflow\r\n"},
      {"a", "DECRBY min 1", "-ERR increment or decrement would overflow\r\n"},
      {"a", "INCRBY min -9223372036854775808", "-ERR increment or decrement would overflow\r\n"},
      {"a", "INCR min", ":-9223372036854775807\r\n"},
      {"a", "SET c -1", kOk},
      {"a", "INCRBY c -9223372036854775808", "-ERR increment or decrement would overflow\r\n"},
      {"a", "INCRBY c 9223372036854775807", ":9223372036854775806\r\n"},
      {"a", "DECRBY c -9223372036854775808", "-ERR decrement would overflow\r\n"},
      {"a", "DECRBY nokey -9223372036854775808", "-ERR decrement would overflow\r\n"},
      {"a", "INCRBY nokey -9223372036854775808", ":-9223372036854775808\r\n"},
  });
}

TEST(CounterCommands, IncrRefusesAList) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "INCR l", kWrongType},
      {"a", "DECR l", kWrongType},
      {"a", "INCRBY l 5", kWrongType},
      {"a", "INCRBY l abc", kNotInteger},
      {"a", "DECRBY l abc", kNotInteger},
      {"a", "DECRBY l -9223372036854775808", "-ERR decrement would overflow\r\n"},
      {"a", "INCRBYFLOAT l 1", kWrongType},
      {"a", "INCRBYFLOAT l abc", kWrongType},
      {"r3", "INCR l", kWrongType},
  });
}

TEST(CounterCommands, IncrKeepsTheTime) {
  Converse({
      {"a", "SET c 5 EX 100", kOk},
      {"a", "INCR c", ":6\r\n"},
      {"a", "TTL c", ":100\r\n"},
      {"a", "INCRBYFLOAT c 1.5", Bulk("7.5")},
      {"a", "TTL c", ":100\r\n"},
  });
}

TEST(CounterCommands, IncrOfZeroIsAChange) {
  Converse({
      {"a", "SET c 5", kOk},
      {"a", "WATCH c", kOk},
      {"b", "INCRBY c 0", ":5\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(CounterCommands, IncrByFloatPrintsSeventeenDigits) {
  Converse({
      {"a", "INCRBYFLOAT x 10.5", Bulk("10.5")},
      {"a", "INCRBYFLOAT x 0.1", Bulk("10.6")},
      {"a", "INCRBYFLOAT x -5", Bulk("5.6")},
      {"a", "INCRBYFLOAT x 5.0e3", Bulk("5005.60000000000000009")},
      {"a", "GET x", Bulk("5005.60000000000000009")},
      {"a", "SET y 3", kOk},
      {"a", "INCRBYFLOAT y 1", Bulk("4")},
      {"a", "INCRBYFLOAT y 1e17", Bulk("100000000000000004")},
      {"a", "INCRBYFLOAT y 1e20", Bulk("100100000000000000000")},
      {"a", "INCRBYFLOAT z 0.00000000000000001", Bulk("0.00000000000000001")},
      {"a", "INCRBYFLOAT z 0.000000000000000001", Bulk("0.00000000000000001")},
      {"a", "INCRBYFLOAT n -0.0", Bulk("0")},
      {"a", "INCRBYFLOAT n -0.000000000000000001", Bulk("0")},
      {"a", "INCRBYFLOAT pi 3.1415926535897932384626", Bulk("3.14159265358979324")},
      {"a", "INCRBYFLOAT h 0x10", Bulk("16")},
      {"a", "INCRBYFLOAT h +1", Bulk("17")},
      {"a", "INCRBYFLOAT h .5", Bulk("17.5")},
      {"a", "INCRBYFLOAT h 5.", Bulk("22.5")},
      {"a", "INCRBYFLOAT h -.25", Bulk("22.25")},
      {"a", "INCR h", kNotInteger},
      {"r3", "INCRBYFLOAT h 1", Bulk("23.25")},
  });
}

TEST(CounterCommands, IncrByFloatRefusesWhatIsNoFloat) {
  Converse({
      {"a", "INCRBYFLOAT x abc", kNotFloat},
      {"a", "INCRBYFLOAT x \"\"", kNotFloat},
      {"a", "INCRBYFLOAT x \" 1\"", kNotFloat},
      {"a", "INCRBYFLOAT x \"1 \"", kNotFloat},
      {"a", "INCRBYFLOAT x \"1\\x00\"", kNotFloat},
      {"a", "INCRBYFLOAT x nan", kNotFloat},
      {"a", "INCRBYFLOAT x -nan", kNotFloat},
      {"a", "INCRBYFLOAT x 1e", kNotFloat},
      {"a", "INCRBYFLOAT x 1e5000", kNotFloat},
      {"a", "EXISTS x", ":0\r\n"},
      {"a", "SET s abc", kOk},
      {"a", "INCRBYFLOAT s 1", kNotFloat},
      {"a", "INCRBYFLOAT s abc", kNotFloat},
      {"a", "SET s \" 1\"", kOk},
      {"a", "INCRBYFLOAT s 1", kNotFloat},
      {"a", "SET s \"\"", kOk},
      {"a", "INCRBYFLOAT s 1", kNotFloat},
      {"a", "INCRBYFLOAT", WrongArity("incrbyfloat")},
      {"a", "INCRBYFLOAT s", WrongArity("incrbyfloat")},
      {"a", "INCRBYFLOAT s 1 2", WrongArity("incrbyfloat")},
  });
}

TEST(CounterCommands, IncrByFloatRefusesInfinity) {
  Converse({
      {"a", "INCRBYFLOAT x inf", "-ERR increment would produce NaN or Infinity\r\n"},
      {"a", "INCRBYFLOAT x -inf", "-ERR increment would produce NaN or Infinity\r\n"},
      {"a", "INCRBYFLOAT x infinity", "-ERR increment would produce NaN or Infinity\r\n"},
      {"a", "EXISTS x", ":0\r\n"},
      {"a", "SET i inf", kOk},
      {"a", "INCRBYFLOAT i 1", "-ERR increment would produce NaN or Infinity\r\n"},
      {"a", "INCRBYFLOAT i -inf", "-ERR increment would produce NaN or Infinity\r\n"},
      {"a", "GET i", Bulk("inf")},
  });
}

TEST(CounterCommands, AnExpiredCounterBeginsAgain) {
  Converse({
      {"a", "SET c 5 PX 100", kOk},
      {"a", "SET f 5 PX 100", kOk},
      {kJump, "101", ""},
      {"a", "INCR c", ":1\r\n"},
      {"a", "PTTL c", ":-1\r\n"},
      {"a", "INCRBYFLOAT f 0.5", Bulk("0.5")},
      {"a", "PTTL f", ":-1\r\n"},
  });
}

}  // namespace
}  // namespace baton
