#include "cairn/client.h"

#include "client/library/connect.h"
#include "client/library/core.h"
#include "client/library/input.h"
#include "client/library/output.h"
#include "client/library/settings.h"

namespace cairn {

using client::FileSystem;

Result<Client> Client::connect(ClientOptions options) {
  auto settings = library::settle(std::move(options));
  if (!settings.has_value()) return std::unexpected(std::move(settings).error());
  return library::Connector::connect(std::move(*settings));
}

Client library::Connector::connect(Settings settings) {
  return Client(std::make_shared<Core>(std::move(settings.options), settings.workThreads));
}

Client::Client(std::shared_ptr<library::Core> core) : core_(std::move(core)) {}
Client::Client(const Client&) = default;
Client& Client::operator=(const Client&) = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

const std::string& Client::namenode() const { return core_->options().namenode; }
const std::string& Client::user() const { return core_->options().user; }
void Client::cancelCalls() { core_->cancelCalls(); }
void Client::allowCalls() { core_->allowCalls(); }

Result<InputFile> Client::open(std::string_view path, OpenOptions options) {
  auto reader =
      core_->call([&](FileSystem& files) { return files.open(std::string(path), options); });
  if (!reader.has_value()) return std::unexpected(std::move(reader).error());
  return InputFile(std::make_unique<library::Input>(core_, std::move(*reader)));
}

Result<OutputFile> Client::create(std::string_view path, CreateOptions options) {
  auto writer =
      core_->call([&](FileSystem& files) { return files.create(std::string(path), options); });
  if (!writer.has_value()) return std::unexpected(std::move(writer).error());
  return OutputFile(std::make_unique<library::Output>(core_, std::move(*writer)));
}

Result<OutputFile> Client::append(std::string_view path, AppendOptions options) {
  auto writer =
      core_->call([&](FileSystem& files) { return files.append(std::string(path), options); });
  if (!writer.has_value()) return std::unexpected(std::move(writer).error());
  return OutputFile(std::make_unique<library::Output>(core_, std::move(*writer)));
}

Result<std::string> Client::readFile(std::string_view path, std::uint64_t bytesMax) {
  auto file = open(path);
  if (!file.has_value()) return std::unexpected(std::move(file).error());
  if (file->length() > bytesMax) {
    return std::unexpected(Status(Code::LIMIT_EXCEEDED, std::string(path) + " is longer than the " +
                                                            std::to_string(bytesMax) +
                                                            " bytes asked for"));
  }
  std::string contents(file->length(), '\0');
  auto got = file->pread(0, std::as_writable_bytes(std::span(contents)));
  if (!got.has_value()) return std::unexpected(std::move(got).error());
  contents.resize(*got);
  return contents;
}

Result<Entry> Client::writeFile(std::string_view path, std::string_view contents,
                                CreateOptions options) {
  auto file = create(path, options);
  if (!file.has_value()) return std::unexpected(std::move(file).error());
  auto written = file->write(contents);
  if (!written.has_value()) return std::unexpected(std::move(written).error());
  return file->close();
}

Result<Entry> Client::stat(std::string_view path) {
  return core_->call([&](FileSystem& files) { return files.stat(std::string(path)); });
}

Result<std::optional<Entry>> Client::statIfExists(std::string_view path) {
  auto entry = stat(path);
  if (entry.has_value()) return std::move(*entry);
  if (entry.error().code() == Code::NOT_FOUND) return std::nullopt;
  return std::unexpected(std::move(entry).error());
}

Result<ListPage> Client::listPage(std::string_view path, std::string_view startAfter,
                                  std::uint32_t limit) {
  return core_->call([&](FileSystem& files) {
    return files.list(std::string(path), std::string(startAfter), limit);
  });
}

Listing Client::list(std::string_view path, std::uint32_t pageSize) {
  return Listing(core_, std::string(path), pageSize);
}

Result<bool> Client::mkdirs(std::string_view path, std::uint16_t mode, bool createParents) {
  return core_->call(
      [&](FileSystem& files) { return files.mkdirs(std::string(path), mode, createParents); });
}

Result<void> Client::rename(std::string_view from, std::string_view to, RenameOptions options) {
  return core_->call(
      [&](FileSystem& files) { return files.rename(std::string(from), std::string(to), options); });
}

Result<bool> Client::remove(std::string_view path, bool recursive) {
  return core_->call([&](FileSystem& files) { return files.remove(std::string(path), recursive); });
}

Result<FsStatus> Client::statFs() {
  return core_->call([](FileSystem& files) { return files.statFs(); });
}

Result<std::vector<ChunkLocation>> Client::locations(std::string_view path, std::uint64_t offset,
                                                     std::uint64_t length) {
  return core_->call(
      [&](FileSystem& files) { return files.locations(std::string(path), offset, length); });
}

Result<ChunkOwner> Client::chunkOwner(std::uint64_t chunk) {
  return core_->call([&](FileSystem& files) { return files.chunkOwner(chunk); });
}

Result<void> Client::ping() {
  return core_->call([](FileSystem& files) { return files.ping(); });
}
Result<ServerInfo> Client::serverInfo() {
  return core_->call([](FileSystem& files) { return files.serverInfo(); });
}
Result<ClusterReport> Client::report() {
  return core_->call([](FileSystem& files) { return files.report(); });
}
Result<SafeModeState> Client::safeMode(SafeModeAction action) {
  return core_->call([&](FileSystem& files) { return files.safeMode(action); });
}

Listing::Listing(std::shared_ptr<library::Core> core, std::string path, std::uint32_t pageSize)
    : core_(std::move(core)), path_(std::move(path)), pageSize_(pageSize) {}
Listing::Listing(Listing&&) noexcept = default;
Listing& Listing::operator=(Listing&&) noexcept = default;
Listing::~Listing() = default;

Result<std::optional<Entry>> Listing::next() {
  if (at_ == page_.entries.size()) {
    if (begun_ && !page_.more) return std::nullopt;
    auto page =
        core_->call([&](FileSystem& files) { return files.list(path_, lastName_, pageSize_); });
    if (!page.has_value()) return std::unexpected(std::move(page).error());
    page_ = std::move(*page);
    begun_ = true;
    at_ = 0;
    if (page_.entries.empty()) return std::nullopt;
    lastName_ = page_.entries.back().name;
  }
  return std::move(page_.entries[at_++]);
}

}  // namespace cairn
