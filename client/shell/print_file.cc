#include "client/shell/print_file.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "client/shell/unpack.h"

namespace cairn::shell {
namespace {

Result<void> print(Console& console, std::span<const std::byte> bytes) {
  console.print({reinterpret_cast<const char*>(bytes.data()), bytes.size()});  // NOLINT
  if (console.broken()) return fail(Code::CANCELLED, "");
  return {};
}

// Prints up to the position `end` of the file, or its own end.
Result<void> printRange(InputFile& file, std::uint64_t begin, std::uint64_t end, Console& console) {
  file.seek(begin, end);
  while (file.position() < end) {
    const auto left = end - file.position();
    ASSIGN(const auto view, file.readView());
    if (view.empty()) break;
    TRY(print(console, view.first(std::min<std::uint64_t>(view.size(), left))));
  }
  return {};
}

}  // namespace

Result<void> printHead(Client& client, const std::string& path, std::uint64_t bytes,
                       Console& console) {
  ASSIGN(auto file, client.open(path));
  return printRange(file, 0, std::min(bytes, file.length()), console);
}

Result<void> printTail(Client& client, const std::string& path, std::uint64_t bytes,
                       const Follow& follow, Console& console) {
  ASSIGN(auto file, client.open(path));
  auto shown = file.length();
  TRY(printRange(file, shown - std::min(bytes, shown), shown, console));
  if (!follow.wanted) return {};
  while (true) {
    if (!console.flush()) return fail(Code::CANCELLED, "");
    ::poll(nullptr, 0, follow.everyMs);
    if (follow.over()) return {};
    auto length = file.refresh();
    if (!length.has_value() && length.error().code() == Code::NOT_FOUND) {
      // Another file may have the name now.
      ASSIGN(file, client.open(path));
      length = file.length();
    }
    if (!length.has_value()) return fail(std::move(length).error());
    if (shown < *length) TRY(printRange(file, shown, *length, console));
    shown = *length;
  }
}

Result<void> printText(Client& client, const std::string& path, Console& console) {
  ASSIGN(auto file, client.open(path));
  std::array<std::byte, 4> head{};
  ASSIGN(const auto headBytes, file.pread(0, head));
  const auto unpacker = unpackerFor(path, std::span(head).first(headBytes));
  if (!unpacker) return printRange(file, 0, UINT64_MAX, console);
  const auto sink = [&](std::span<const std::byte> plain) { return print(console, plain); };
  while (true) {
    ASSIGN(const auto view, file.readView());
    if (view.empty()) return unpacker->finish();
    TRY(unpacker->take(view, sink));
  }
}

}  // namespace cairn::shell
