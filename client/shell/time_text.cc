#include "client/shell/time_text.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace cairn::shell {
namespace {

// Reads numbers off the front of a text.
class Reader {
public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Of exactly `digits` digits.
  Reader& number(int& to, std::size_t digits) {
    if (rest_.size() < digits) right_ = false;
    if (right_) take(to, rest_.substr(0, digits));
    return *this;
  }
  // Of all the digits there are, at most four.
  Reader& numberToItsEnd(int& to) {
    const auto end = std::ranges::find_if(rest_, [](char c) { return c < '0' || c > '9'; });
    const auto digits = static_cast<std::size_t>(end - rest_.begin());
    if (digits == 0 || digits > 4) right_ = false;
    if (right_) take(to, rest_.substr(0, digits));
    return *this;
  }
  Reader& mark(std::string_view oneOf) {
    if (rest_.empty() || oneOf.find(rest_[0]) == std::string_view::npos) right_ = false;
    if (right_) rest_.remove_prefix(1);
    return *this;
  }
  bool right() const { return right_; }
  bool atEnd() const { return rest_.empty(); }

private:
  void take(int& to, std::string_view digits) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), to);
    right_ = error == std::errc() && end == digits.data() + digits.size() && to >= 0;
    rest_.remove_prefix(digits.size());
  }
  std::string_view rest_;
  bool right_ = true;
};

std::int64_t localMs(std::tm parts) {
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  parts.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&parts)) * 1000;
}

std::unexpected<Status> wrong(std::string_view text) {
  return fail(Code::INVALID_ARGUMENT, "'" + std::string(text) +
                                          "' is no time such as '2024-01-31 23:59:59' or "
                                          "@1706745599");
}

}  // namespace

Result<std::int64_t> parseHadoopTime(std::string_view text) {
  std::tm parts{};
  Reader reader(text);
  reader.number(parts.tm_year, 4).number(parts.tm_mon, 2).numberToItsEnd(parts.tm_mday).mark(":");
  reader.number(parts.tm_hour, 2).number(parts.tm_min, 2).numberToItsEnd(parts.tm_sec);
  if (reader.right()) return localMs(parts);
  return fail(Code::INVALID_ARGUMENT, "Unable to parse the specified timestamp " +
                                          std::string(text) +
                                          ". The expected format is yyyyMMdd:HHmmss");
}

Result<std::int64_t> parseTime(std::string_view text) {
  if (text.starts_with('@')) {
    std::int64_t seconds = 0;
    const auto digits = text.substr(1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (!whole || seconds < 0 || seconds > INT64_MAX / 1000) return wrong(text);
    return seconds * 1000;
  }
  if (text.find('-') == std::string_view::npos) {
    auto time = parseHadoopTime(text);
    if (!time.has_value()) return wrong(text);
    return time;
  }
  std::tm parts{};
  Reader reader(text);
  reader.number(parts.tm_year, 4).mark("-").number(parts.tm_mon, 2).mark("-");
  reader.number(parts.tm_mday, 2);
  if (reader.right() && !reader.atEnd()) {
    reader.mark(" T").number(parts.tm_hour, 2).mark(":").number(parts.tm_min, 2);
    if (reader.right() && !reader.atEnd()) reader.mark(":").number(parts.tm_sec, 2);
  }
  const bool inRange = parts.tm_mon >= 1 && parts.tm_mon <= 12 && parts.tm_mday >= 1 &&
                       parts.tm_mday <= 31 && parts.tm_hour < 24 && parts.tm_min < 60 &&
                       parts.tm_sec <= 60;
  if (!reader.right() || !reader.atEnd() || !inRange) return wrong(text);
  return localMs(parts);
}

}  // namespace cairn::shell
