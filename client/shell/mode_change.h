// What chmod is told: "644", "1777", "u=rwX,go-w", "+t".
// Layer: client/shell.  Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell {

class ModeChange {
public:
  // As HDFS has it: an octal number has three digits, or four with the first of them 0 or 1 (the
  // sticky bit; three digits clear it). Letters are u g o a, + - =, r w x X t; without u, g, o or a
  // it is for all, whatever the umask. There is no s, and no copying from one class to another.
  // `mayClear`: "go=" with nothing behind it takes all rights, as POSIX has it and HDFS has not.
  // INVALID_ARGUMENT, without a message.
  static Result<ModeChange> parse(std::string_view text, bool mayClear = false);

  // The new permission bits of something that has `mode`. Clauses take effect one after the other.
  // Files get no sticky bit.
  std::uint16_t apply(std::uint16_t mode, bool isDirectory) const;

private:
  struct Clause {
    unsigned classes = 0;  // rights of these classes: 0700, 0070, 0007
    char action = '=';
    unsigned rights = 0;        // the same for all three classes
    bool executeIfAny = false;  // X
    bool sticky = false;        // t
  };
  static Result<Clause> parseClause(std::string_view text, bool mayClear);
  static std::uint16_t applyClause(const Clause& clause, std::uint16_t mode, bool isDirectory);

  bool octal_ = false;
  std::uint16_t bits_ = 0;
  std::vector<Clause> clauses_;
};

}  // namespace cairn::shell
