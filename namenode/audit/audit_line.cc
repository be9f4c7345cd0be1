#include "namenode/audit/audit_line.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cairn::nn {
namespace {

bool isPlain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '\\' && c != 0x7f; }

void appendEscaped(std::string& to, std::string_view text) {
  if (std::ranges::all_of(text, isPlain)) {
    to += text;
    return;
  }
  for (const char c : text) {
    if (isPlain(c)) {
      to += c;
      continue;
    }
    switch (c) {
      case '\\': to += "\\\\"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      default: {
        std::array<char, 8> code{};
        std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned char>(c));
        to += code.data();
      }
    }
  }
}

void appendPath(std::string& to, std::string_view path) {
  if (path.empty()) {
    to += "null";
  } else {
    appendEscaped(to, path);
  }
}

}  // namespace

void AuditLines::append(std::string& to, UnixMillis nowMs, const AuditEvent& event) {
  // Rounded down before 1970 too, should a clock be that wrong.
  const auto second = static_cast<std::time_t>(nowMs >= 0 ? nowMs / 1000 : (nowMs - 999) / 1000);
  if (second != second_) {
    second_ = second;
    std::tm parts{};
    ::localtime_r(&second, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
    secondText_ = text.data();
  }
  const auto millis = static_cast<unsigned>(nowMs - second * 1000);
  to += secondText_;
  to += ',';
  to += static_cast<char>('0' + millis / 100);
  to += static_cast<char>('0' + millis / 10 % 10);
  to += static_cast<char>('0' + millis % 10);
  to += event.allowed ? " INFO FSNamesystem.audit: allowed=true\tugi="
                      : " INFO FSNamesystem.audit: allowed=false\tugi=";
  to += event.user;
  to += " (auth:SIMPLE)\tip=";
  if (event.host.empty()) {
    to += "null";
  } else {
    to += '/';
    to += event.host;
  }
  to += "\tcmd=";
  to += event.command;
  to += "\tsrc=";
  appendPath(to, event.source);
  to += "\tdst=";
  appendPath(to, event.target);
  to += "\tperm=null\tproto=rpc\n";
}

}  // namespace cairn::nn
