#include "base/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

#include "base/random.h"

// What is expected here was asked of redis-server 7.0.15 (INCRBY, INCRBYFLOAT, ZSCORE).
namespace baton {
namespace {

TEST(ParseInt64, ReadsExactlyWhatRedisReads) {
  struct Case {
    std::string_view text;
    int64_t value;
  };
  for (const Case& c : {Case{"0", 0},
                        {"1", 1},
                        {"-1", -1},
                        {"10", 10},
                        {"9223372036854775807", INT64_MAX},
                        {"-9223372036854775808", INT64_MIN},
                        {"1000000000000000000", 1000000000000000000}}) {
    int64_t value = 42;
    EXPECT_TRUE(ParseInt64(c.text, &value)) << c.text;
    EXPECT_EQ(value, c.value);
  }
}

TEST(ParseInt64, RefusesWhatRedisRefusesAndLeavesTheValueAlone) {
  using std::string_view_literals::operator""sv;
  for (std::string_view text : {""sv,
                                "-"sv,
                                "-0"sv,
                                "+1"sv,
                                "01"sv,
                                "00"sv,
                                "-01"sv,
                                "--1"sv,
                                " 1"sv,
                                "1 "sv,
                                "1.0"sv,
                                "0x1"sv,
                                "1\0"sv,
                                "1e3"sv,
                                "9223372036854775808"sv,
                                "-9223372036854775809"sv,
                                "18446744073709551616"sv,
                                "99999999999999999999"sv,
                                "100000000000000000000000"sv,
                                "1/"sv,
                                "1:"sv}) {
    int64_t value = 42;
    EXPECT_FALSE(ParseInt64(text, &value)) << text;
    EXPECT_EQ(value, 42) << text;
  }
}

TEST(FormatInt64, IsReadBackByParseInt64) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 10000; ++i) {
    auto value = static_cast<int64_t>(random.Next() >> random.Below(64));
    if (i % 2 == 0) value = -value;
    if (i == 0) value = INT64_MIN;
    if (i == 1) value = INT64_MAX;
    char text[kInt64CharsMax];
    size_t length = FormatInt64(value, text);
    int64_t read = 0;
    ASSERT_TRUE(ParseInt64({text, length}, &read)) << value;
    ASSERT_EQ(read, value);
    ASSERT_EQ(std::to_string(value), std::string(text, length));
  }
}

TEST(FormatInt64, IsRightWhereTheNumberOfDigitsChanges) {
  for (int64_t power = 1, digits = 1; digits <= 19; ++digits) {
    for (int64_t value : {power - 1, power, power + 1, -power}) {
      char text[kInt64CharsMax];
      ASSERT_EQ(std::to_string(value), std::string(text, FormatInt64(value, text)));
    }
    if (digits < 19) power *= 10;
  }
}

TEST(ParseLongDouble, ReadsExactlyWhatRedisReads) {
  struct Case {
    std::string text;
    long double value;
  };
  for (const Case& c : {Case{"1.5", 1.5L},
                        {"1e3", 1000},
                        {"0x10", 16},
                        {"0x1.8", 1.5L},
                        {"0x1p4", 16},
                        {"+1", 1},
                        {"1.", 1},
                        {".5", .5L},
                        {"-0", 0},
                        {"0e-9999", 0},
                        {"1e4932", 1e4932L},
                        {"-1e4932", -1e4932L},
                        {"1e-4950", 1e-4950L},
                        {"inf", INFINITY},
                        {"-inf", -INFINITY},
                        {"+inf", INFINITY},
                        {"INF", INFINITY},
                        {"infinity", INFINITY},
                        {std::string(5118, '0') + "1", 1}}) {
    long double value = 42;
    EXPECT_TRUE(ParseLongDouble(c.text, &value)) << c.text;
    EXPECT_EQ(value, c.value) << c.text;
  }
}

TEST(ParseLongDouble, RefusesWhatRedisRefusesAndLeavesTheValueAlone) {
  for (const std::string& text : {std::string(), std::string(" 1"), std::string("\t1"), std::string("1 "),
                                  std::string("nan"), std::string("nan(1)"), std::string("1e"), std::string("0x"),
                                  std::string("."), std::string("1_"), std::string("1\0", 2), std::string("1e4933"),
                                  std::string("1e-4951"), std::string("-1e5000"), std::string(5119, '0') + "1"}) {
    long double value = 42;
    EXPECT_FALSE(ParseLongDouble(text, &value)) << text;
    EXPECT_EQ(value, 42) << text;
  }
}

TEST(FormatLongDouble, PrintsAsIncrbyfloatDoes) {
  EXPECT_EQ(FormatLongDouble(3.0e3L), "3000");
  EXPECT_EQ(FormatLongDouble(5.0L), "5");
  EXPECT_EQ(FormatLongDouble(0.1L), "0.1");
  EXPECT_EQ(FormatLongDouble(1e-17L), "0.00000000000000001");
  EXPECT_EQ(FormatLongDouble(1e-20L), "0");
  EXPECT_EQ(FormatLongDouble(-1e-20L), "0");
  EXPECT_EQ(FormatLongDouble(-0.0L), "0");
  EXPECT_EQ(FormatLongDouble(0), "0");
  EXPECT_EQ(FormatLongDouble(1e17L), "100000000000000000");
  EXPECT_EQ(FormatLongDouble(3.14159265358979323846L), "3.14159265358979324");
  EXPECT_EQ(FormatLongDouble(123456789.123456789L), "123456789.12345678899873747");
  EXPECT_EQ(FormatLongDouble(9223372036854775808.0L), "9223372036854775808");
  EXPECT_EQ(FormatLongDouble(INFINITY), "inf");
  EXPECT_EQ(FormatLongDouble(-INFINITY), "-inf");
  EXPECT_EQ(FormatLongDouble(-1e4932L).substr(0, 22), "-100000000000000000000");
}

TEST(FormatDouble, PrintsAsScoresDo) {
  EXPECT_EQ(FormatDouble(1), "1");
  EXPECT_EQ(FormatDouble(0.1), "0.10000000000000001");
  EXPECT_EQ(FormatDouble(1e17), "1e+17");
  EXPECT_EQ(FormatDouble(1e-5), "1.0000000000000001e-05");
  EXPECT_EQ(FormatDouble(4.9e-324), "4.9406564584124654e-324");
  EXPECT_EQ(FormatDouble(INFINITY), "inf");
  EXPECT_EQ(FormatDouble(-INFINITY), "-inf");
  EXPECT_EQ(FormatDouble(std::numeric_limits<double>::quiet_NaN()), "nan");
}

}  // namespace
}  // namespace baton
