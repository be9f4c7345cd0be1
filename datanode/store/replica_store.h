// All replicas of a datanode, over all its volumes: opens and recovers them, knows where each is
// and in which state, takes in new ones, puts damaged ones aside, and removes those the namenode
// orders away. Layer: datanode/store.  Threads: one event loop; what blocks runs on the volumes'
// own pools. Everything that changes is noted in news(), for the namenode.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"
#include "common/base/result.h"
#include "common/io/disk.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "datanode/store/choose_volume.h"
#include "datanode/store/chunk_locks.h"
#include "datanode/store/followed_note.h"
#include "datanode/store/job_count.h"
#include "datanode/store/known_volumes.h"
#include "datanode/store/lost_replicas.h"
#include "datanode/store/open_replicas.h"
#include "datanode/store/recovery_promises.h"
#include "datanode/store/replica_appender.h"
#include "datanode/store/replica_copy.h"
#include "datanode/store/replica_file.h"
#include "datanode/store/replica_table.h"
#include "datanode/store/report_queue.h"
#include "datanode/store/volume.h"
#include "datanode/store/volume_queue.h"
#include "datanode/store/wakeup.h"
#include "datanode/store/writing.h"

namespace cairn::dn {

// Where a volume lies and who works for it. Both outlive the store; the pool may still hold jobs of
// the store when that is gone, and is destroyed before the disk and the host.
struct VolumeSource {
  io::Disk& disk;         // rooted at the volume's directory
  async::WorkPool& pool;  // a few threads of its own, and room for VolumeQueue::JOBS_MAX
};

struct StoreOptions {
  VolumeOptions volume;
  std::uint64_t reservedBytes = 0;  // of each volume's disk, kept free for others
};

// A disk with less free space, beyond what is reserved, keeps no removed replicas: a part of its
// capacity, so that writers find room that does not have to be made first.
inline constexpr std::uint64_t NEARLY_FULL_PART = 32;

// Who the datanode is. Fresh directories: cluster nil, node 0, and a uuid drawn for them.
struct NodeIdentity {
  ClusterId cluster;
  Uuid datanode;
  NodeId node;
};

// A volume, for reports.
struct VolumeStatus {
  std::string path;
  std::uint64_t capacityBytes = 0;
  std::uint64_t usedBytes = 0;  // by replicas
  std::uint64_t freeBytes = 0;  // what may still be written, reserve and promises taken off
  std::uint64_t replicas = 0;
  bool failed = false;
  std::string error;
};

struct NewReplica {
  ReplicaKey key;
  format::Codec codec = format::Codec::ZSTD;
  std::uint32_t frameSize = 0;
  format::ChunkScan::Depth depth = format::ChunkScan::Depth::STORED;
  std::uint64_t lengthMax = 0;  // plain bytes
};

// A replica that is here, to be written on.
struct ResumeReplica {
  ReplicaKey key;            // of the new generation
  GenerationStamp from;      // the oldest generation that will do
  std::uint64_t length = 0;  // plain bytes to keep
  format::ChunkScan::Depth depth = format::ChunkScan::Depth::STORED;
  std::uint64_t lengthMax = 0;  // plain bytes
};

// Where frames of a replica lie.
struct FramesAt {
  std::shared_ptr<io::File> file;
  std::size_t volume = 0;
  Incarnation incarnation{};  // of the replica, for damaged()
  std::uint32_t frameSize = 0;
  format::FrameSpan span;  // frameCount 0: there are no such bytes
};

// What a recovery finds.
struct FoundReplica {
  enum class State : std::uint8_t {
    FINAL,
    WRITING,  // unfinished; its writer was at work in this life of the process
    WAITING,  // unfinished, and found after a restart
  };
  GenerationStamp generation;
  std::uint64_t length = 0;  // plain bytes
  State state = State::FINAL;
  // Good frames follow behind the bad one where `length` ends: it had more, and its length tells
  // nothing of what its writer was told.
  bool damaged = false;
};

// What readers may see of a replica.
struct VisibleReplica {
  std::uint64_t length = 0;  // plain bytes
  std::uint64_t storedLength = 0;
  bool isFinal = false;
};

class ReplicaStore final : private kj::TaskSet::ErrorHandler {
public:
  // `host` outlives it.
  ReplicaStore(rpc::Host& host, std::vector<VolumeSource> sources, StoreOptions options);
  ~ReplicaStore() noexcept(false);
  KJ_DISALLOW_COPY(ReplicaStore);

  // --- Start and stop ---

  // Takes all directories and lists what lies there; unfinished replicas are looked into in the
  // background, and by whoever wants one before that. Once. IN_USE, INVALID_ARGUMENT, CORRUPT,
  // WRONG_CLUSTER (directories that do not belong together), UNSUPPORTED_VERSION: nothing was
  // changed and the datanode must not start. A directory that cannot be read is out of service;
  // IO_ERROR when it is the last. So is an empty one where a volume lay that the others know and
  // that is nowhere now: its disk may not be mounted.
  kj::Promise<Result<void>> open();
  const NodeIdentity& identity() const { return identity_; }
  // Makes fresh directories volumes of this cluster, and notes the node's number in all.
  // WRONG_CLUSTER when the store has another one.
  kj::Promise<Result<void>> adopt(ClusterId cluster, NodeId node);
  // The newest namenode that was followed; of earlier lives as far as it was noted.
  Followed followed() const { return followed_; }
  // Notes it on all volumes, unless a newer one was, without waiting for them. What cannot be
  // written (a full disk) is known in this life only.
  void noteFollowed(Followed followed);
  // Nothing is written any more from now on, but what is under way in this moment.
  void halt();
  // Settles when nothing is under way that the store began by itself, and no pool has a job of the
  // store any more, wanted or not: the directories' locks go with the store then.
  kj::Promise<void> drained();

  // --- Writing ---

  // Begins a replica on the volume that suits best, and if that cannot, on the next.
  // ALREADY_EXISTS, STALE (a newer generation is here, or promised to a recovery), DISK_FULL,
  // IO_ERROR (also: no volume in service).
  kj::Promise<Result<Writing>> create(NewReplica replica);
  // Goes on with a replica that is here, finished or not, as ReplicaAppender::resume() has it. A
  // writer that still has it is ended first, and its jobs have ended. Goes on to its end when the
  // promise is dropped. NOT_FOUND; STALE as in create(); ALREADY_EXISTS when the new generation is
  // here and finished; INVALID_ARGUMENT when the replica is shorter, or the length lies inside a
  // frame: then, as after any failure, it can be resumed again. UNAVAILABLE: it was lost().
  kj::Promise<Result<Writing>> resume(ResumeReplica replica);
  // Runs `fn(ReplicaAppender&)`, which returns a Result, on the volume's pool, as run() does; one
  // at a time. CANCELLED when somebody has ended the writing.
  template <typename Fn, typename R = std::invoke_result_t<Fn&, ReplicaAppender&>>
  kj::Promise<R> run(const Writing& writing, Fn fn) {
    const auto& state = *writing.state_;
    if (state.ended) return R(fail(takenAway(state.key)));
    return run(state.volume, Urgency::CLIENT,
               [job = state.jobs->begin(), appender = state.appender,
                fn = kj::mv(fn)](Volume&) mutable -> R { return fn(*appender); });
  }
  // After a job that appended, its writer tells of it: the frames can be read once they are
  // acknowledged, too.
  void appended(const Writing& writing);
  // The nodes behind this one, if any, have the first `length` plain bytes as well: from now on
  // readers see them. CANCELLED when somebody has ended the writing: they do not, and the writer
  // must not be told that they do.
  Result<void> acknowledged(const WritingProgress& progress, std::uint64_t length);
  // Ends the writing: makes the replica final, as ReplicaAppender::seal() does, or leaves it
  // unfinished. Goes on to its end when the promise is dropped: what lies in the final directory is
  // in the table. REQUIRES: no job has the appender.
  kj::Promise<Result<FinalName>> seal(Writing writing, SealSums sums);

  // --- Recovering and copying ---

  // A recovery asks what is here of generation `recorded` or a newer one. Ends a writer that still
  // has it; from now on no recovery with a lower new generation is obeyed, and no writer of a lower
  // one comes in (recovery_promises.h). NOT_FOUND; UNAVAILABLE: it was lost(); STALE: a newer
  // recovery has asked, or the replica is newer.
  kj::Promise<Result<FoundReplica>> prepareRecovery(ReplicaKey recorded,
                                                    GenerationStamp newGeneration);
  // Then: makes that replica a final one of the new generation with exactly `length` plain bytes.
  // May be repeated. Goes on to its end when the promise is dropped. The errors of
  // prepareRecovery(), and INVALID_ARGUMENT when it is shorter; it can be tried again.
  kj::Promise<Result<FinalName>> recover(ReplicaKey recorded, GenerationStamp newGeneration,
                                         std::uint64_t length);

  // A copy of another node's replica that is being taken in: room, and a file in tmp. The store
  // outlives it. Destroyed before adopt() or publish(): nothing is left of it.
  class Copying {
  public:
    Copying(ReplicaStore& store, std::size_t volume, std::uint64_t bytes);
    Copying(Copying&& other) noexcept;
    Copying& operator=(Copying&&) = delete;
    ~Copying();

  private:
    friend class ReplicaStore;
    ReplicaStore* store_;
    std::size_t volume_;
    std::uint64_t promisedBytes_;
    std::shared_ptr<ReplicaCopy> copy_;
  };
  // `lengthMax`: plain bytes; `depth`: PLAIN for one to be published. Nothing of it is in the table
  // before adopt() or publish(). DISK_FULL, IO_ERROR.
  kj::Promise<Result<Copying>> beginCopy(ReplicaKey key, std::uint64_t lengthMax,
                                         format::ChunkScan::Depth depth);
  // Whole frames that follow those before. One call at a time.
  kj::Promise<Result<void>> appendCopy(const Copying& copying,
                                       std::shared_ptr<const ByteVector> frames);
  // It is complete: an unfinished replica, durable, all of it visible. A shorter one of this
  // generation that nobody writes is put aside. ALREADY_EXISTS, STALE as in create().
  kj::Promise<Result<void>> adopt(Copying copying);
  // It is complete: a final replica, durable. An unfinished one of this generation that nobody
  // writes is put aside, and a final one of another length: whoever orders the copy knows the
  // length that counts. The errors of adopt(). REQUIRES: begun at depth PLAIN.
  kj::Promise<Result<void>> publish(Copying copying);

  // The news of the newest replica of a chunk once more: somebody takes it for an older one.
  void tellNewest(ChunkId chunk);
  // The news of a final replica once more, and of its damage: somebody does not know that it is
  // here. Nothing when it is not, or not final.
  void tellAgain(const ReplicaKey& key);

  // --- Reading ---

  const Replica* find(const ReplicaKey& key) const { return table_.find(key); }
  const ReplicaTable& table() const { return table_; }
  // Of a replica that is not here: NOT_FOUND, or STALE when another generation is here, or
  // UNAVAILABLE when it was lost().
  Status absent(const ReplicaKey& key) const;
  // UNAVAILABLE, and where it was, when a replica of the chunk, of this generation or a newer one,
  // was on a volume that has failed since, also in an earlier life of the process while that volume
  // is missing. Known of those that were unfinished, or finished lately, when the volume failed
  // under the process; what was on one that was missing from the start only other volumes' notes
  // tell. Forgotten when it is here again, or a newer one, and when it is ordered away.
  std::optional<Status> lost(const ReplicaKey& key) const;
  // The newest replica of the chunk that is here, if that is newer than `key`; else `key`.
  ReplicaKey newestFrom(const ReplicaKey& key) const;
  // The errors of absent(); UNAVAILABLE also when it is being changed in this moment; IO_ERROR,
  // CORRUPT.
  kj::Promise<Result<VisibleReplica>> look(ReplicaKey key);
  // Where the frames lie that hold the chunk's bytes [offset, offset + length), no more of them
  // than limits::PACKET_PLAIN_BYTES, but one at least. Of an unfinished replica only what readers
  // may see; of a final one whose header, footer or trailer is damaged or cannot be read, all good
  // frames that can be told without. The errors of look(); CORRUPT.
  kj::Promise<Result<FramesAt>> locate(ReplicaKey key, std::uint64_t offset, std::uint64_t length,
                                       Urgency urgency);
  // Opens a final replica, or finds it open. NOT_FOUND, STALE; CORRUPT: its header or index is
  // damaged, which the namenode is told (its frames may still be had, by locate()), or its file is
  // gone, and so is the replica.
  kj::Promise<Result<std::shared_ptr<const ReplicaFile>>> openFinal(ReplicaKey key,
                                                                    Urgency urgency);

  // --- Damage and removal ---

  // Somebody read damaged frames. Of a final replica there is news, and it stays in its place: the
  // namenode alone knows whether it is the last that has the good ones. An unfinished one goes to
  // quarantine if a second look finds less than there should be: those are cut and written on under
  // their readers' eyes. Nothing when the replica that was read is not here any more, whatever has
  // taken its place.
  void damaged(const ReplicaKey& key, Incarnation which, const Status& why);
  enum class IfDamaged : std::uint8_t { KEEP, QUARANTINE };
  // Reads the whole replica, a piece at a time. Of one that is damaged or cannot be read there is
  // news as of damaged(), or it goes to quarantine and out of use; of a good one there is news that
  // it is there, of one that is not here that it is gone. NOT_FOUND, STALE, CORRUPT, IO_ERROR.
  kj::Promise<Result<void>> verify(ReplicaKey key, IfDamaged then);
  // A final replica that is being read whole, a piece at a time. The store outlives it.
  class Checking {
  public:
    // Of the file, by the pieces that were answered.
    std::uint64_t bytesRead() const { return check_->bytesRead(); }

  private:
    friend class ReplicaStore;
    ReplicaKey key_;
    std::size_t volume_ = 0;
    Incarnation incarnation_{};
    bool wasDamaged_ = false;  // as far as was known when it began
    std::shared_ptr<ReplicaCheck> check_;
  };
  // Opens its file anew, for this alone: the files that readers have open stay open. The errors of
  // openFinal().
  kj::Promise<Result<Checking>> beginCheck(ReplicaKey key);
  // Reads the next piece, behind everybody else's work. True when that was the last one and all is
  // well; of one that was told to be damaged before there is news then that it is not. CORRUPT,
  // IO_ERROR: it is damaged, or cannot be read, which nobody is told yet; NOT_FOUND, STALE,
  // UNAVAILABLE: it is not here any more, another one is in its place, or it is not finished,
  // whatever was read. One call at a time.
  kj::Promise<Result<bool>> checkNext(const Checking& checking);
  // Removes a replica of any state: only the namenode may want that. No error when it is not here.
  // Once begun it goes on to its end when the promise is dropped.
  kj::Promise<Result<void>> remove(ReplicaKey key);

  // --- Volumes ---

  std::size_t volumeCount() const { return lanes_.size(); }
  bool inService(std::size_t volume) const {
    const auto& on = lanes_[volume].volume;
    return on && !on->failed();
  }
  std::size_t volumesInService() const;
  // Jobs that wait for the volume's threads now, of all urgencies.
  std::size_t waitingAt(std::size_t volume) const { return lanes_[volume].queue->waiting(); }
  // Asks the disks how full they are; settles when all have answered. Until then, and for those
  // that do not, the last figures stand.
  kj::Promise<void> refreshSpace();
  // Gives the space of some removed replicas back whose time is over, or of any on a disk that is
  // nearly full. False when there are none left.
  kj::Promise<Result<bool>> emptyRemoved(std::size_t volume);
  // False while no disk has answered the last question: all of them hang.
  bool anyDiskAnswers() const;
  std::vector<VolumeStatus> volumes() const;
  std::uint64_t quarantined() const { return quarantined_; }

  // Runs `fn(Volume&)`, which returns a Result, on the volume's pool when its turn comes. `fn` owns
  // or shares all that it touches: dropping the promise does not stop it. It is short, or others
  // wait too long: a MiB or a few of the disk. OVERLOADED when the queue is full.
  template <typename Fn, typename R = std::invoke_result_t<Fn&, Volume&>>
  kj::Promise<R> run(std::size_t volume, Urgency urgency, Fn fn) {
    auto& lane = lanes_[volume];
    if (!lane.volume) return R(fail(Code::IO_ERROR, lane.openFailure));
    return lane.queue->at(urgency)
        .run([job = jobs_->begin(), on = lane.volume, fn = kj::mv(fn)]() mutable -> R {
          return fn(*on);  // `job` first, so that it is destroyed last
        })
        .then(
            [this, volume](R result) -> R {
              noticeFailures();
              if (!result.has_value() && result.error().code() == Code::DISK_FULL) isFull(volume);
              return result;
            },
            [path = lane.volume->path()](kj::Exception&& e) -> R {
              return fail(rpc::fromException(e, path));
            });
  }

  // What the namenode has to be told; wakeup() rings when something is urgent.
  ReportQueue& news() { return news_; }
  Wakeup& wakeup() { return wakeup_; }

private:
  struct Lane {
    Lane(VolumeSource source, kj::Own<VolumeQueue> queue) : source(source), queue(kj::mv(queue)) {}

    VolumeSource source;
    kj::Own<VolumeQueue> queue;
    std::shared_ptr<Volume> volume;  // null: it could not be opened
    std::string openFailure;
    std::string volumesNote;  // of the other volumes, as it stands there
    io::DiskSpace space;
    kj::ForkedPromise<void> spaceAsked = nullptr;  // how full it is
    bool asking = false;                           // and has not answered yet
    std::uint64_t promisedBytes = 0;
    std::uint32_t writers = 0;
    bool failureNoticed = false;
    bool damageChanged = false;  // since its note was written
    bool notingDamage = false;
    kj::Promise<void> damageNotedAgain = nullptr;  // in a while: the note could not be written
    bool notingFollowed = false;                   // writeFollowed() is under way
  };
  friend class Writing;
  using OpenedFile = Result<std::shared_ptr<const ReplicaFile>>;

  // Goes on when what it returns is dropped; a result that nobody waits for is dropped then.
  template <typename T>
  kj::Promise<T> uninterrupted(kj::Promise<T> work) {
    auto pair = kj::newPromiseAndFulfiller<T>();
    tasks_.add(work.then(
        [done = kj::mv(pair.fulfiller)](T result) mutable { done->fulfill(kj::mv(result)); }));
    return kj::mv(pair.promise);
  }

  Result<void> checkIdentities();
  // Reads which volumes the datanode has had, and takes those directories out of service that are
  // not what they were.
  kj::Promise<void> passByUnmounted();
  // Notes on all volumes which there are. One that cannot be written now is tried again.
  kj::Promise<void> noteVolumes();
  kj::Promise<Result<void>> loadVolume(std::size_t index);
  kj::Promise<void> readFollowed(std::size_t index);
  kj::Promise<void> writeFollowed(std::size_t index);
  kj::Promise<void> lookIntoFound(std::size_t volume);

  // Who may begin or change a replica of this generation. STALE.
  Result<void> checkNewest(const ReplicaKey& key) const;
  // Notes room and writer. In the table before there is a file, so that nobody begins it twice.
  Writing beginWriting(const ReplicaKey& key, std::size_t volume, std::uint64_t lengthMax);
  // Nothing when none suits.
  std::optional<std::size_t> volumeFor(std::uint64_t lengthMax,
                                       const std::set<std::size_t>& tried) const;
  kj::Promise<Result<Writing>> createNow(NewReplica replica);
  kj::Promise<Result<Writing>> resumeNow(ResumeReplica replica);
  kj::Promise<Result<FinalName>> sealNow(Writing writing, SealSums sums);
  kj::Promise<Result<FoundReplica>> prepareNow(ReplicaKey recorded, GenerationStamp newGeneration);
  kj::Promise<Result<FinalName>> recoverNow(ReplicaKey recorded, GenerationStamp newGeneration,
                                            std::uint64_t length);
  kj::Promise<Result<FinalName>> cut(std::size_t volume, ResumeSource source, ReplicaKey key,
                                     std::uint64_t length, std::shared_ptr<ResumeTraces> traces);
  kj::Promise<Result<void>> adoptNow(Copying copying);
  kj::Promise<Result<void>> publishNow(Copying copying);
  // IO_ERROR when the volume has failed while a file was made there: its replicas are out of use.
  Result<void> stillInService(std::size_t volume) const;
  // What is not put aside for a copy that is complete.
  struct Kept {
    std::uint64_t unfinishedFrom = 0;  // an unfinished replica with so many bytes, or more
    std::optional<std::uint64_t> finalOfLength;  // a final one of this length; nothing: of any
  };
  // Puts what is here of this key aside, so that a copy can take its place. ALREADY_EXISTS when it
  // is being written, or to be kept; one that was not looked into is not. REQUIRES: the chunk's
  // lock.
  kj::Promise<Result<void>> makeWay(ReplicaKey key, Kept kept);
  Result<void> promise(const ReplicaKey& recorded, GenerationStamp newGeneration);
  // A replica that was to become another one still is what it was, but for the traces.
  void restore(const ReplicaKey& key, const Replica& before, const ResumeTraces& traces,
               const Status& why);
  void sealed(WriterState& writer, const FinalName& name);
  // Removes the file of one that was sealed and is not in the table.
  kj::Promise<void> removeSealed(std::size_t volume, FinalName name);
  // Ends the writing, whoever writes; settles when the table tells what it has become.
  kj::Promise<void> end(std::shared_ptr<WriterState> writer);
  // end() of the writer of this replica, if it has one.
  kj::Promise<void> endWriterOf(const ReplicaKey& key);
  kj::Promise<void> windUp(std::shared_ptr<WriterState> writer);
  // The writing is over: gives its room back, and wakes those who wait for its end.
  void over(WriterState& writer, std::uint64_t storedBytes);
  // Whether the replica in the table is the one it writes: it may have been ordered away.
  bool isCurrent(const WriterState& writer) const;
  static Status takenAway(const ReplicaKey& key);

  // The replica of the chunk that a resumption or a recovery begins with: the newest, if it is of
  // generation `from` to `to`, its writer ended, and looked into. REQUIRES: the chunk's lock.
  kj::Promise<Result<ReplicaKey>> takeInHand(ChunkId chunk, GenerationStamp from,
                                             GenerationStamp to);
  // A final replica for reading its frames: openFinal(), or, when its ends are damaged or cannot be
  // read, with an index made by a walk (index_walk.h), which all who want it share. CORRUPT when
  // the file is another chunk's, or is gone; IO_ERROR when nothing of it can be read.
  kj::Promise<OpenedFile> openForFrames(ReplicaKey key, Urgency urgency);
  kj::Promise<OpenedFile> walkFinal(ReplicaKey key, Status damage,
                                    std::shared_ptr<const Urgency> urgency);
  // Lets all who come meanwhile join `look`. REQUIRES: nobody is at it.
  kj::Promise<OpenedFile> shareLook(ReplicaKey key, std::shared_ptr<Urgency> urgency,
                                    kj::Promise<OpenedFile> look);
  // Joins those for whom it is being looked through, if it is.
  std::optional<kj::Promise<OpenedFile>> joinLook(const ReplicaKey& key, Urgency urgency);
  // An unfinished replica that nobody writes, looked through; one that was just found is cut behind
  // its last good frame, unless it is damaged in its middle (unfinished_look.h).
  kj::Promise<OpenedFile> openUnfinished(ReplicaKey key, Urgency urgency);
  kj::Promise<OpenedFile> lookThrough(ReplicaKey key, std::shared_ptr<const Urgency> urgency);
  struct LookedThrough {
    std::shared_ptr<const ReplicaFile> file;
    bool damaged = false;  // UnfinishedLook::damaged()
  };
  // The work of lookThrough(), on the volume's pool.
  kj::Promise<Result<LookedThrough>> readThrough(std::size_t volume, ReplicaKey key, bool found,
                                                 std::shared_ptr<const Urgency> urgency);
  kj::Promise<void> lookAgain(ReplicaKey key, Status why);
  // NOT_FOUND, STALE; UNAVAILABLE when it is not final any more, or another one is in its place.
  Result<void> stillFinal(const ReplicaKey& key, Incarnation which) const;
  // openFinal(), whether it is open or not; it is not kept open.
  kj::Promise<OpenedFile> openAnew(ReplicaKey key, Urgency urgency);
  // All of a final replica.
  kj::Promise<Result<void>> readWhole(ReplicaKey key);
  // All of it was read, and is good: news of that, whatever was told.
  void isWell(const ReplicaKey& key);
  void quarantine(const ReplicaKey& key, const Status& why);
  // News of a final replica; what was told is told again only when `asked`.
  void tellDamaged(const ReplicaKey& key, const Status& why, bool asked = false);
  // False when that is known. REQUIRES: it is in the table.
  bool knowDamaged(const ReplicaKey& key);
  // It is good, or no more. Whether it was known as damaged.
  bool forgetDamage(const ReplicaKey& key, std::size_t volume);
  // What is known of the volume's replicas has changed: its note follows, in the background. One
  // that cannot be written is tried again at the next change, and every DAMAGE_NOTE_AGAIN_MS.
  void noteDamage(std::size_t volume);
  kj::Promise<void> writeDamageNotes(std::size_t volume);
  // REQUIRES: its replicas are in the table.
  kj::Promise<void> readDamageNote(std::size_t volume);

  void take(std::size_t volume, const ReplicaKey& key, const Replica& replica);
  // Of a replica that is not in the table any more.
  kj::Promise<void> putAside(std::size_t volume, ChunkId chunk, std::string path, std::string why);
  // `lock`: of the chunk, held to the end.
  kj::Promise<Result<void>> removeNow(ReplicaKey key, ChunkLocks::Lock lock);
  std::string pathOf(const ReplicaKey& key, const Replica& replica) const;
  std::uint64_t freeBytesOf(const Lane& lane) const;
  // Takes the replicas of volumes that have failed out of use.
  void noticeFailures();
  void forgetLost(const ReplicaKey& key);
  // Which replicas were lost has changed: the notes of it follow, in the background.
  void noteLost();
  kj::Promise<void> writeLostNotes();
  // REQUIRES: the other notes were read.
  kj::Promise<void> readLostNotes();
  // Whether it lay in a directory that is configured, and is out of service.
  bool isMissing(const Uuid& volume) const;
  // The disk had no room for a write, whatever it said before: nothing is placed there until it is
  // asked again, which the next heartbeat does.
  void isFull(std::size_t volume);
  // DISK_FULL, with what each volume has.
  Status noRoom(std::uint64_t neededBytes) const;
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  StoreOptions options_;
  std::vector<Lane> lanes_;
  NodeIdentity identity_;
  Followed followed_;
  KnownVolumes knownVolumes_;  // those of now, and missing ones whose directories are configured
  ReplicaTable table_;
  OpenReplicas open_;
  ReportQueue news_;
  // Final replicas that are known to be damaged, until they are gone or were verified as good. The
  // namenode is told once, and whenever this node registers: a file that is read often would flood
  // it and the log. When there are too many all are forgotten, and told once more.
  static constexpr std::size_t DAMAGED_MAX = 100'000;
  static constexpr std::int64_t DAMAGE_NOTE_AGAIN_MS = 10'000;
  std::set<ReplicaKey> damaged_;
  LostReplicas lost_;
  bool lostChanged_ = false;  // since it was noted
  bool notingLost_ = false;   // writeLostNotes() is under way
  Wakeup wakeup_;
  const std::shared_ptr<JobCount> jobs_ = std::make_shared<JobCount>();
  std::uint64_t quarantined_ = 0;
  ChunkLocks locks_;
  RecoveryPromises promises_;
  std::map<ReplicaKey, std::shared_ptr<WriterState>> writers_;
  // Those being looked through now, for all who want them: as urgent as the most urgent of these.
  struct Looking {
    kj::ForkedPromise<OpenedFile> opened;
    std::shared_ptr<Urgency> urgency;
  };
  std::map<ReplicaKey, Looking> looking_;
  bool draining_ = false;
  bool closing_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cairn::dn
