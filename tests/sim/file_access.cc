#include "tests/sim/file_access.h"

#include <algorithm>

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

constexpr std::uint64_t PIECE_MAX = 5000;  // plain bytes
constexpr std::uint32_t PAGE = 3;          // entries: so that small directories have several pages

}  // namespace

kj::Promise<Result<void>> writeFile(client::FileSystem& files, std::string path, std::string bytes,
                                    CreateOptions options, io::Random& pieces) {
  CO_ASSIGN(auto writer, co_await files.create(path, options));
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t count =
        std::min<std::size_t>(1 + pieces.below(PIECE_MAX + bytes.size() / 8), bytes.size() - at);
    CO_TRY(co_await writer->write(asBytes(std::string_view(bytes).substr(at, count))));
    at += count;
  }
  CO_ASSIGN(const auto entry, co_await writer->close());
  if (entry.length != bytes.size()) {
    co_return fail(Code::INTERNAL, path + " was closed with " + std::to_string(entry.length) +
                                       " bytes; written were " + std::to_string(bytes.size()));
  }
  co_return Result<void>();
}

kj::Promise<Result<void>> appendFile(client::FileSystem& files, std::string path, std::string bytes,
                                     io::Random& pieces) {
  CO_ASSIGN(auto writer, co_await files.append(path));
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto size = std::min<std::size_t>(1 + pieces.below(PIECE_MAX), bytes.size() - at);
    CO_TRY(co_await writer->write(asBytes(std::string_view(bytes).substr(at, size))));
    at += size;
    if (pieces.chance(0.3)) CO_TRY(co_await writer->flush(client::FlushTo::MEMORY));
  }
  CO_TRY(co_await writer->close());
  co_return Result<void>();
}

kj::Promise<Result<std::string>> readFile(client::FileSystem& files, std::string path) {
  CO_ASSIGN(auto reader, co_await files.open(path));
  std::string all;
  while (true) {
    CO_ASSIGN(const auto next, co_await reader->next());
    if (next.bytes.empty()) co_return all;
    all += asText(next.bytes);
  }
}

kj::Promise<Result<std::string>> readPart(client::FileSystem& files, std::string path,
                                          std::uint64_t offset, std::uint64_t length) {
  CO_ASSIGN(auto reader, co_await files.open(path, {.readAheadBytes = 0}));
  std::string part(length, '\0');
  CO_ASSIGN(const std::size_t got,
            co_await reader->pread(offset, {reinterpret_cast<std::byte*>(part.data()), length}));
  part.resize(got);
  co_return part;
}

kj::Promise<Result<std::vector<Entry>>> listAll(client::FileSystem& files, std::string path) {
  std::vector<Entry> all;
  while (true) {
    std::string last = all.empty() ? std::string() : all.back().name;
    CO_ASSIGN(auto page, co_await files.list(path, last, PAGE));
    for (auto& entry : page.entries) all.push_back(std::move(entry));
    if (!page.more) co_return all;
    if (page.entries.empty()) co_return fail(Code::INTERNAL, "an empty page with more behind it");
  }
}

}  // namespace cairn::sim
