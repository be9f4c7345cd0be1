#include "tests/sim/file_access.h"

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

constexpr std::uint32_t PAGE = 3;  // entries: so that small directories have several pages

}  // namespace

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
