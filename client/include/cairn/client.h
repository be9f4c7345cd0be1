// Cairn's C++ client library. C++23, std types only.
//
//   #include <cairn/client.h>
//
//   auto client = cairn::Client::connect();                 // CAIRN_NAMENODE, or 127.0.0.1:8020
//   if (!client) return complain(client.error());
//   auto file = client->create("/hello.txt");
//   if (!file || !file->write("hello\n") || !file->close()) ...
//
// CMake: find_package(cairn REQUIRED), target_link_libraries(program cairn::cairn).
// pkg-config: `pkg-config --cflags --libs cairn`.
//
// Paths are absolute, UTF-8, without "." and ".."; INVALID_PATH otherwise.
// Threads: every call from any thread; calls run concurrently. They block until answered. One
// hidden thread runs the network; a few more, started when first needed, compress and decompress.
// Errors: every function returns std::expected; nothing throws but std::bad_alloc. Besides the
// errors named at a function, any may return UNAVAILABLE or TIMED_OUT (the namenode does not
// answer, after the retries that ClientOptions allows), OVERLOADED, PERMISSION_DENIED, INVALID_PATH
// and NOT_A_DIRECTORY (a file stands within the path); changes also SAFE_MODE. A change that is
// retried takes effect once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/files.h"
#include "cairn/options.h"
#include "cairn/types.h"

namespace cairn {

namespace library {
class Connector;
class Core;
}  // namespace library

// Walks a directory's entries in byte order of their names, a page at a time.
// Threads: one at a time.
class Listing {
public:
  Listing(Listing&&) noexcept;
  Listing& operator=(Listing&&) noexcept;
  ~Listing();

  // The next entry; empty behind the last. Entries that are created or removed meanwhile may or
  // may not appear, all others appear exactly once. One call to the namenode a page.
  // NOT_FOUND. After an error, calling again goes on
  // where it failed.
  [[nodiscard]] Result<std::optional<Entry>> next();
  // Whether the path is a file, which lists itself. Known once next() was called.
  bool isFile() const { return page_.isFile; }

private:
  friend class Client;
  Listing(std::shared_ptr<library::Core> core, std::string path, std::uint32_t pageSize);
  std::shared_ptr<library::Core> core_;
  std::string path_;
  std::uint32_t pageSize_;
  ListPage page_;
  std::size_t at_ = 0;
  std::string lastName_;
  bool begun_ = false;
};

// A client of one cluster. Copies share everything. Files that it opened keep what they need
// alive, so it may go before them.
class Client {
public:
  // Settles the options (see ClientOptions) and starts the library. Nobody is contacted: a
  // namenode that is down shows itself at the first call, ping() for instance.
  // NOT_FOUND or INVALID_ARGUMENT: the configuration file, or an address that is none.
  [[nodiscard]] static Result<Client> connect(ClientOptions options = {});

  Client(const Client&);
  Client& operator=(const Client&);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // "host:port" of the namenode, and the principal, that were settled.
  const std::string& namenode() const;
  const std::string& user() const;

  // --- Files ---

  // NOT_FOUND, IS_A_DIRECTORY.
  [[nodiscard]] Result<InputFile> open(std::string_view path, OpenOptions options = {});
  // A new, empty file, open for writing by this client alone. ALREADY_EXISTS (a directory; without
  // overwrite, a file), LEASE_CONFLICT (without overwrite: it is being written), NOT_FOUND (a
  // parent is missing and createParents is false), INVALID_ARGUMENT (an option; a reserved name),
  // INVALID_PATH (in "/.reserved"), LIMIT_EXCEEDED (of a name, a directory, or this client's open
  // files).
  [[nodiscard]] Result<OutputFile> create(std::string_view path, CreateOptions options = {});

  // An existing file, open for writing behind its end by this client alone. NOT_FOUND,
  // IS_A_DIRECTORY, LEASE_CONFLICT (it is being written), UNAVAILABLE (no datanode that holds its
  // last chunk is there), LIMIT_EXCEEDED (this client's open files). An append of nothing leaves
  // the file as it was.
  [[nodiscard]] Result<OutputFile> append(std::string_view path, AppendOptions options = {});

  // The whole file as a string; for small ones. LIMIT_EXCEEDED when longer than `bytesMax`.
  [[nodiscard]] Result<std::string> readFile(std::string_view path,
                                             std::uint64_t bytesMax = 64u << 20);
  // Creates, writes and closes.
  [[nodiscard]] Result<Entry> writeFile(std::string_view path, std::string_view contents,
                                        CreateOptions options = {});

  // --- Names ---

  // NOT_FOUND.
  [[nodiscard]] Result<Entry> stat(std::string_view path);
  // stat() where a missing path is no error.
  [[nodiscard]] Result<std::optional<Entry>> statIfExists(std::string_view path);
  // One page: the children behind the name `startAfter` ("": from the first), at most `limit`
  // (0: the server's page, 1000). A path that is a file lists itself. NOT_FOUND.
  [[nodiscard]] Result<ListPage> listPage(std::string_view path, std::string_view startAfter = {},
                                          std::uint32_t limit = 0);
  // All children, by iterator. Contacts nobody yet.
  Listing list(std::string_view path, std::uint32_t pageSize = 0);
  // True when it was made, false when the directory was there. ALREADY_EXISTS (a file),
  // NOT_FOUND (a parent, without createParents), INVALID_ARGUMENT (the mode; a reserved name, which
  // are ".snapshot" anywhere and "/.reserved"), LIMIT_EXCEEDED (of a name, or a directory).
  [[nodiscard]] Result<bool> mkdirs(std::string_view path, std::uint16_t mode = 0755,
                                    bool createParents = true);
  // `to` is the new full name, or with moveInto perhaps the new directory. With overwrite a file
  // replaces a file and a directory an empty directory. NOT_FOUND (`from`, or the directory of
  // `to`), ALREADY_EXISTS (without overwrite; a directory that is not empty; one of the other kind;
  // the same name), INVALID_ARGUMENT (into its own subtree, the root, a reserved name),
  // INVALID_PATH (".snapshot", with moveInto), LIMIT_EXCEEDED (of a name, or a directory). One
  // step, which takes the same time for a tree of any size.
  [[nodiscard]] Result<void> rename(std::string_view from, std::string_view to,
                                    RenameOptions options = {});
  // True when something was removed, false when there was nothing. NOT_EMPTY for a directory with
  // children unless recursive; INVALID_ARGUMENT for the root.
  [[nodiscard]] Result<bool> remove(std::string_view path, bool recursive = false);

  // --- Attributes. Of all: NOT_FOUND. ---

  // How many replicas of a file's chunks are wanted; the namenode has them made or deleted later,
  // as far as there are datanodes for them. False for a directory, which has no replicas.
  // INVALID_ARGUMENT: not 1 to 512. For who may write the file.
  [[nodiscard]] Result<bool> setReplication(std::string_view path, std::uint16_t replication);
  // Bits 0..01777, else INVALID_ARGUMENT; the sticky bit of a file means nothing. For the owner and
  // superusers.
  [[nodiscard]] Result<void> setPermission(std::string_view path, std::uint16_t mode);
  // "" leaves the one or the other. The owner is changed by the superuser alone; the group by the
  // owner who is a member of it, too. Neither need be known to anybody.
  [[nodiscard]] Result<void> setOwner(std::string_view path, std::string_view owner,
                                      std::string_view group);
  // Milliseconds since 1970; -1 leaves the one or the other. For who may write the path.
  [[nodiscard]] Result<void> setTimes(std::string_view path, std::int64_t mtimeMs,
                                      std::int64_t atimeMs = -1);
  // Names begin with "user." (who may write the entry) or "trusted." (superusers); those with
  // "system.", "security." and "raw." are refused but for security.hdfs.unreadable.by.superuser.
  // LIMIT_EXCEEDED above 32 an entry, and above 16384 bytes of name and value together.
  // INVALID_ARGUMENT: what can be no name; it exists (CREATE), or does not (REPLACE).
  [[nodiscard]] Result<void> setXAttr(std::string_view path, std::string_view name,
                                      std::string_view value, XAttrSet how = XAttrSet::EITHER);
  // INVALID_ARGUMENT when there is none of that name.
  [[nodiscard]] Result<void> removeXAttr(std::string_view path, std::string_view name);
  // All that the caller may see, or those named, in the order of their names. INVALID_ARGUMENT when
  // one that is named does not exist.
  [[nodiscard]] Result<std::vector<XAttr>> getXAttrs(std::string_view path,
                                                     std::vector<std::string> names = {});
  // One look-up, whatever the size of the tree.
  [[nodiscard]] Result<ContentSummary> contentSummary(std::string_view path);
  // NONE: that of a directory above again. Kept and told, not acted upon.
  [[nodiscard]] Result<void> setStoragePolicy(std::string_view path, StoragePolicy policy);
  // Of a directory: how files are compressed that are created below it from now on, unless they
  // name their own way. Of a file: how chunks are that it gets from now on. Nothing (a directory):
  // as the directory above has it. For who may write the path. INVALID_ARGUMENT: a level that there
  // is not; nothing, of a file.
  [[nodiscard]] Result<void> setCompression(std::string_view path,
                                            std::optional<Compression> compression);

  // --- Files cut, joined and closed for others ---

  // Moves the chunks of the sources, in their order, to the end of `target`; the sources are gone.
  // No data is copied. All are different closed files of one directory, and no source is empty or
  // has a greater chunk size than the target: INVALID_ARGUMENT. NOT_FOUND, IS_A_DIRECTORY,
  // LIMIT_EXCEEDED (chunks of a file).
  [[nodiscard]] Result<void> concat(std::string_view target, std::vector<std::string> sources);
  // Cuts a file to `length` plain bytes. True: done. False: its last chunk is being cut on the
  // datanodes; the file is under construction until that is done. INVALID_ARGUMENT: longer than the
  // file; IS_A_DIRECTORY, LEASE_CONFLICT (it is being written).
  [[nodiscard]] Result<bool> truncate(std::string_view path, std::uint64_t length);
  // Takes the file from its writer and closes it. True: it is closed. False: its last chunk is
  // being recovered; ask again. NOT_FOUND, IS_A_DIRECTORY.
  [[nodiscard]] Result<bool> recoverLease(std::string_view path);

  // --- The cluster ---

  [[nodiscard]] Result<FsStatus> statFs();
  // HDFS's checksum of a file. Datanodes keep the sums of finished chunks, so no data is read; one
  // call a chunk. A chunk that is being written is left out. NOT_FOUND, IS_A_DIRECTORY;
  // UNAVAILABLE: of a chunk, no datanode gave one.
  [[nodiscard]] Result<FileChecksum> checksum(std::string_view path);

  // The chunks that cover plain bytes [offset, offset + length) of a file, in order. NOT_FOUND,
  // IS_A_DIRECTORY.
  [[nodiscard]] Result<std::vector<ChunkLocation>> locations(std::string_view path,
                                                             std::uint64_t offset = 0,
                                                             std::uint64_t length = UINT64_MAX);
  // The file that has the chunk of this id. NOT_FOUND: none has it. PERMISSION_DENIED: as of
  // stat().
  [[nodiscard]] Result<ChunkOwner> chunkOwner(std::uint64_t chunk);
  // Succeeds when the namenode answers.
  [[nodiscard]] Result<void> ping();
  [[nodiscard]] Result<ServerInfo> serverInfo();
  // The whole cluster's state.
  [[nodiscard]] Result<ClusterReport> report();
  // ENTER and LEAVE are for the superuser.
  [[nodiscard]] Result<SafeModeState> safeMode(SafeModeAction action = SafeModeAction::GET);

  // --- Being told to stop ---

  // For a program that is to end while other threads wait in calls: every call on this client, its
  // copies and their files that is under way ends with CANCELLED at once, and so do all that follow
  // until allowCalls(). What a cancelled change has done is unknown. Files stay as they are: after
  // allowCalls() one may go on, close or abandon them. From any thread, but not from onRetry.
  void cancelCalls();
  void allowCalls();

private:
  friend class library::Connector;
  explicit Client(std::shared_ptr<library::Core> core);
  std::shared_ptr<library::Core> core_;
};

}  // namespace cairn
