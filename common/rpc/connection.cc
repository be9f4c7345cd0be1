#include "common/rpc/connection.h"

#include <capnp/message.h>
#include <capnp/rpc-twoparty.capnp.h>
#include <capnp/rpc-twoparty.h>
#include <capnp/serialize.h>
#include <kj/debug.h>

#include <cstring>
#include <map>
#include <optional>

#include "common/async/coroutine.h"
#include "common/base/bytes.h"

namespace cairn::rpc {
namespace {

namespace twoparty = ::capnp::rpc::twoparty;
using VatBase = capnp::VatNetwork<twoparty::VatId, twoparty::ProvisionId, twoparty::RecipientId,
                                  twoparty::ThirdPartyCapId, twoparty::JoinResult>;

// Small enough that a batch of small messages fits a socket buffer, large enough that one read
// brings hundreds of calls.
constexpr std::size_t READ_BUFFER_BYTES = 64 * 1024;
// Messages up to this size are copied into the batch that goes out with one system call; above it
// they are written from where they are.
constexpr std::size_t COPY_BYTES_MAX = 8 * 1024;
// A batch of so many bytes and messages does not wait for the end of the event-loop turn, so that
// the peer has work while this side goes on with its own: some 30 answers of the namenode. Each
// batch costs both sides a system call (docs/performance.md).
constexpr std::size_t FLUSH_BYTES = 8 * 1024;
constexpr std::size_t FLUSH_MESSAGES = 8;
// Nor does one of so many bytes, whatever it is of.
constexpr std::size_t FLUSH_BYTES_MAX = 256 * 1024;
// Cap'n Proto's own bound (serialize.c++).
constexpr std::uint32_t SEGMENTS_MAX = 512;
// Bytes of streaming calls in flight on one stream, where an interface uses `-> stream`.
constexpr std::size_t STREAM_WINDOW_BYTES = 8 * 1024 * 1024;

}  // namespace

std::optional<SentBuffers::Held> SentBuffers::take(const void* begin) {
  auto found = held_.find(begin);
  if (found == held_.end()) return std::nullopt;
  auto held = std::move(found->second);
  held_.erase(found);
  return held;
}

// The network of two vats, and the one connection between them.
class Connection::Vat final : public VatBase {
public:
  Vat(kj::Own<kj::AsyncIoStream> stream, Side side, ConnectionLimits limits,
      kj::Own<SentBuffers> sentBuffers, kj::Own<ReceivedMessages> received)
      : stream_(kj::mv(stream)),
        limits_(limits),
        sentBuffers_(kj::mv(sentBuffers)),
        received_(kj::mv(received)),
        side_(side == Side::CLIENT ? twoparty::Side::CLIENT : twoparty::Side::SERVER),
        disconnected_(nullptr),
        readBuffer_(kj::heapArray<kj::byte>(READ_BUFFER_BYTES)) {
    auto peer = peerId_.initRoot<twoparty::VatId>();
    peer.setSide(side == Side::CLIENT ? twoparty::Side::SERVER : twoparty::Side::CLIENT);
    auto ended = kj::newPromiseAndFulfiller<void>();
    disconnected_ = ended.promise.fork();
    ended_ = kj::mv(ended.fulfiller);
  }

  kj::Promise<void> onDisconnect() { return disconnected_.addBranch(); }
  std::size_t queuedBytes() const { return queuedBytes_; }

  // VatNetwork.
  kj::Maybe<kj::Own<VatBase::Connection>> connect(twoparty::VatId::Reader to) override {
    if (to.getSide() == side_) return nullptr;
    return kj::Own<VatBase::Connection>(kj::heap<Link>(*this));
  }
  kj::Promise<kj::Own<VatBase::Connection>> accept() override {
    if (side_ == twoparty::Side::SERVER && !accepted_) {
      accepted_ = true;
      return kj::Own<VatBase::Connection>(kj::heap<Link>(*this));
    }
    return kj::NEVER_DONE;  // there is only one connection
  }

private:
  class Outgoing final : public capnp::OutgoingRpcMessage, public kj::Refcounted {
  public:
    Outgoing(Vat& vat, kj::uint firstSegmentWords)
        : vat_(vat),
          message_(firstSegmentWords == 0 ? capnp::SUGGESTED_FIRST_SEGMENT_WORDS
                                          : firstSegmentWords) {}
    capnp::AnyPointer::Builder getBody() override { return message_.getRoot<capnp::AnyPointer>(); }
    void send() override { vat_.enqueue(*this); }
    std::size_t sizeInWords() override {
      std::size_t words = 0;
      for (auto segment : message_.getSegmentsForOutput()) words += segment.size();
      return words;
    }
    kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments() {
      return message_.getSegmentsForOutput();
    }

  private:
    Vat& vat_;
    capnp::MallocMessageBuilder message_;
  };

  class Incoming final : public capnp::IncomingRpcMessage {
  public:
    Incoming(kj::Array<capnp::word> words, capnp::ReaderOptions options,
             kj::Own<ReceivedMessages> received)
        : words_(std::make_shared<kj::Array<capnp::word>>(kj::mv(words))),
          reader_(*words_, options),
          received_(kj::mv(received)) {
      received_->add(words_);
    }
    ~Incoming() noexcept(false) { received_->remove(*words_); }
    capnp::AnyPointer::Reader getBody() override { return reader_.getRoot<capnp::AnyPointer>(); }
    std::size_t sizeInWords() override { return words_->size(); }

  private:
    const std::shared_ptr<kj::Array<capnp::word>> words_;
    capnp::FlatArrayMessageReader reader_;
    kj::Own<ReceivedMessages> received_;
  };

  // What the RPC system holds of the connection; letting go of it is how the system disconnects.
  class Link final : public VatBase::Connection {
  public:
    explicit Link(Vat& vat) : vat_(vat) {}
    ~Link() noexcept(false) { vat_.ended_->fulfill(); }
    twoparty::VatId::Reader getPeerVatId() override {
      return vat_.peerId_.getRoot<twoparty::VatId>().asReader();
    }
    kj::Own<capnp::OutgoingRpcMessage> newOutgoingMessage(kj::uint firstSegmentWords) override {
      return kj::refcounted<Outgoing>(vat_, firstSegmentWords);
    }
    kj::Promise<kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>> receiveIncomingMessage() override {
      return vat_.receive();
    }
    kj::Promise<void> shutdown() override { return vat_.shutdown(); }
    kj::Own<capnp::RpcFlowController> newStream() override {
      return capnp::RpcFlowController::newFixedWindowController(STREAM_WINDOW_BYTES);
    }

  private:
    Vat& vat_;
  };

  // One message, or several small ones one after the other, waiting to be written.
  struct Pending {
    kj::Vector<kj::byte> copied;  // small messages, and the segment tables of large ones
    struct Large {
      std::size_t copiedBefore;  // bytes of `copied` that go out before it
      kj::Own<Outgoing> message;
      // What is held of its segments, by their number.
      std::map<std::size_t, SentBuffers::Held> held;
    };
    kj::Vector<Large> large;
    std::size_t bytes = 0;
    std::size_t messages = 0;
  };

  void enqueue(Outgoing& message) {
    auto segments = message.segments();
    std::uint64_t words = 0;
    for (auto segment : segments) words += segment.size();
    const std::uint64_t bytes = words * sizeof(capnp::word);
    KJ_REQUIRE(bytes <= limits_.messageBytesMax, "message is larger than the limit", bytes,
               limits_.messageBytesMax);
    KJ_IF_MAYBE (failure, writeFailure_) {
      kj::throwRecoverableException(kj::cp(*failure));
      return;
    }

    auto held = takeHeld(segments);
    appendSegmentTable(segments);
    if (bytes <= COPY_BYTES_MAX && held.empty()) {
      for (auto segment : segments) next_.copied.addAll(segment.asBytes());
    } else {
      next_.large.add(Pending::Large{next_.copied.size(), kj::addRef(message), std::move(held)});
    }
    next_.bytes += bytes;
    ++next_.messages;
    queuedBytes_ += bytes;
    scheduleFlush();
  }

  std::map<std::size_t, SentBuffers::Held> takeHeld(
      kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
    std::map<std::size_t, SentBuffers::Held> all;
    for (std::size_t i = 0; i < segments.size() && !sentBuffers_->empty(); ++i) {
      auto held = sentBuffers_->take(segments[i].begin());
      if (!held) continue;
      std::size_t bytes = 0;
      for (const auto& piece : held->pieces) bytes += piece.size();
      KJ_REQUIRE(held->pieces.empty() || bytes == segments[i].asBytes().size(),
                 "the pieces are not as long as what they stand for");
      all.emplace(i, *std::move(held));
    }
    return all;
  }

  void appendSegmentTable(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
    const auto add32 = [this](std::uint32_t value) {
      kj::byte raw[4];
      storeLittle(raw, value);
      next_.copied.addAll(kj::arrayPtr(raw, 4));
    };
    add32(static_cast<std::uint32_t>(segments.size() - 1));
    for (auto segment : segments) add32(static_cast<std::uint32_t>(segment.size()));
    if (segments.size() % 2 == 0) add32(0);
  }

  void scheduleFlush() {
    if (writing_) return;  // the writer takes what has gathered when it is done
    if (batchIsLarge()) {
      startWriting(flush());
    } else if (!flushScheduled_) {
      startWriting(flushAtEnd());
    }
  }

  bool batchIsLarge() const {
    return next_.bytes >= FLUSH_BYTES_MAX ||
           (next_.bytes >= FLUSH_BYTES && next_.messages >= FLUSH_MESSAGES);
  }

  // Once nothing else is left to do in this turn of the loop: all that was sent in it, and did not
  // go out early, goes out with one system call.
  kj::Promise<void> flushAtEnd() {
    flushScheduled_ = true;
    return kj::evalLast([this]() { return flush(); });
  }

  void startWriting(kj::Promise<void> promise) {
    write_ = promise.catch_([this](kj::Exception&& e) { writeFailed(kj::mv(e)); })
                 .eagerlyEvaluate(nullptr);
  }

  kj::Promise<void> flush() {
    flushScheduled_ = false;
    if (next_.bytes == 0) {
      writing_ = false;
      if (drained_.get() != nullptr) drained_->fulfill();
      return kj::READY_NOW;
    }
    writing_ = true;
    auto batch = kj::heap<Pending>(kj::mv(next_));
    next_ = Pending();
    auto pieces = kj::heap<kj::Vector<kj::ArrayPtr<const kj::byte>>>();
    std::size_t at = 0;
    for (auto& large : batch->large) {
      if (large.copiedBefore > at) {
        pieces->add(batch->copied.asPtr().slice(at, large.copiedBefore));
        at = large.copiedBefore;
      }
      addPieces(large, *pieces);
    }
    if (batch->copied.size() > at) {
      pieces->add(batch->copied.asPtr().slice(at, batch->copied.size()));
    }
    auto done = pieces->size() == 1 ? stream_->write((*pieces)[0].begin(), (*pieces)[0].size())
                                    : stream_->write(pieces->asPtr());
    return done.then([this, batch = kj::mv(batch), pieces = kj::mv(pieces)]() mutable {
      queuedBytes_ -= batch->bytes;
      batch = nullptr;
      if (room_.get() != nullptr && !queueIsFull()) room_->fulfill();
      writing_ = false;
      return next_.bytes == 0 || batchIsLarge() ? flush() : flushAtEnd();
    });
  }

  static void addPieces(Pending::Large& large, kj::Vector<kj::ArrayPtr<const kj::byte>>& pieces) {
    std::size_t number = 0;
    for (auto segment : large.message->segments()) {
      const auto held = large.held.find(number++);
      if (held == large.held.end() || held->second.pieces.empty()) {
        if (segment.size() > 0) pieces.add(segment.asBytes());
        continue;
      }
      for (const auto& piece : held->second.pieces) {
        pieces.add(reinterpret_cast<const kj::byte*>(piece.data()), piece.size());
      }
    }
  }

  void writeFailed(kj::Exception&& e) {
    // The peer is gone: whoever waits for its answers must learn it through the read side.
    writing_ = false;
    if (drained_.get() != nullptr) drained_->reject(kj::cp(e));
    if (!reads_.isEmpty()) reads_.cancel(e);
    writeFailure_ = kj::mv(e);
  }

  kj::Promise<void> shutdown() {
    if (writeFailure_ != nullptr) return kj::READY_NOW;
    if (!writing_ && !flushScheduled_) {
      kj::runCatchingExceptions([this]() { stream_->shutdownWrite(); });
      return kj::READY_NOW;
    }
    auto drained = kj::newPromiseAndFulfiller<void>();
    drained_ = kj::mv(drained.fulfiller);
    return drained.promise.then([this]() { stream_->shutdownWrite(); }, [](kj::Exception&&) {});
  }

  using Received = kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>;

  kj::Promise<Received> receive() {
    KJ_IF_MAYBE (failure, writeFailure_) return kj::cp(*failure);
    if (side_ == twoparty::Side::SERVER && queueIsFull()) {
      auto room = kj::newPromiseAndFulfiller<void>();
      room_ = kj::mv(room.fulfiller);
      return reads_.wrap(room.promise.then([this]() { return readNext(); }));
    }
    if (auto words = takeBuffered()) return wrap(kj::mv(*words));
    return reads_.wrap(readMessage());
  }

  bool queueIsFull() const { return queuedBytes_ > limits_.queuedBytesMax; }

  kj::Promise<Received> readNext() {
    if (auto words = takeBuffered()) return wrap(kj::mv(*words));
    return readMessage();
  }

  Received wrap(kj::Array<capnp::word> words) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * limits_.messageBytesMax / sizeof(capnp::word);
    return kj::Own<capnp::IncomingRpcMessage>(
        kj::heap<Incoming>(kj::mv(words), options, kj::addRef(*received_)));
  }

  // Bytes of the message that starts the read buffer, segment table included; 0 when the buffer
  // does not hold a whole table yet.
  std::size_t bufferedMessageBytes() const {
    const auto* bytes = readBuffer_.begin() + readBegin_;
    const std::size_t have = readEnd_ - readBegin_;
    if (have < 4) return 0;
    const std::uint64_t segments = std::uint64_t{loadLittle<std::uint32_t>(bytes)} + 1;
    KJ_REQUIRE(segments <= SEGMENTS_MAX, "message has too many segments");
    const std::size_t table = (4 + segments * 4 + 7) / 8 * 8;
    if (have < table) return 0;
    std::uint64_t words = 0;
    for (std::size_t i = 0; i < segments; ++i)
      words += loadLittle<std::uint32_t>(bytes + 4 + 4 * i);
    KJ_REQUIRE(words * sizeof(capnp::word) <= limits_.messageBytesMax,
               "message is larger than the limit", words, limits_.messageBytesMax);
    return table + words * sizeof(capnp::word);
  }

  // The next message, when the buffer holds all of it.
  std::optional<kj::Array<capnp::word>> takeBuffered() {
    const std::size_t size = bufferedMessageBytes();
    if (size == 0 || size > readEnd_ - readBegin_) return std::nullopt;
    auto words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
    std::memcpy(words.begin(), readBuffer_.begin() + readBegin_, size);
    readBegin_ += size;
    return kj::mv(words);
  }

  kj::Promise<Received> readMessage() {
    while (true) {
      if (readBegin_ > 0) {
        // What is left is a fragment: small next to what was read.
        std::memmove(readBuffer_.begin(), readBuffer_.begin() + readBegin_, readEnd_ - readBegin_);
        readEnd_ -= readBegin_;
        readBegin_ = 0;
      }
      const std::size_t size = bufferedMessageBytes();
      if (size > 0) {
        if (auto words = takeBuffered()) co_return wrap(kj::mv(*words));
        // Read the rest to where it will stay.
        auto words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
        const std::size_t have = readEnd_;
        std::memcpy(words.begin(), readBuffer_.begin(), have);
        readEnd_ = 0;
        const std::size_t missing = size - have;
        const std::size_t got =
            co_await stream_->tryRead(words.asBytes().begin() + have, missing, missing);
        if (got < missing) {
          co_await kj::Promise<void>(KJ_EXCEPTION(DISCONNECTED, "peer hung up within a message"));
        }
        co_return wrap(kj::mv(words));
      }
      const std::size_t got = co_await stream_->tryRead(readBuffer_.begin() + readEnd_, 1,
                                                        READ_BUFFER_BYTES - readEnd_);
      if (got == 0) {
        if (readEnd_ > 0) {
          co_await kj::Promise<void>(KJ_EXCEPTION(DISCONNECTED, "peer hung up within a message"));
        }
        co_return nullptr;
      }
      readEnd_ += got;
    }
  }

  kj::Own<kj::AsyncIoStream> stream_;
  const ConnectionLimits limits_;
  kj::Own<SentBuffers> sentBuffers_;
  kj::Own<ReceivedMessages> received_;
  const twoparty::Side side_;
  capnp::MallocMessageBuilder peerId_{8};
  bool accepted_ = false;
  kj::ForkedPromise<void> disconnected_;
  kj::Own<kj::PromiseFulfiller<void>> ended_;

  kj::Array<kj::byte> readBuffer_;
  std::size_t readBegin_ = 0;
  std::size_t readEnd_ = 0;
  kj::Canceler reads_;

  Pending next_;
  std::size_t queuedBytes_ = 0;
  bool writing_ = false;
  bool flushScheduled_ = false;
  kj::Maybe<kj::Exception> writeFailure_;
  kj::Own<kj::PromiseFulfiller<void>> drained_;
  kj::Own<kj::PromiseFulfiller<void>> room_;  // of a receive() that waits for the queue to drain
  kj::Promise<void> write_ = kj::READY_NOW;
};

Connection::Connection(kj::Own<kj::AsyncIoStream> stream, Side side,
                       capnp::Capability::Client bootstrap, ConnectionLimits limits,
                       kj::Own<SentBuffers> sentBuffers,
                       kj::Maybe<kj::Own<ReceivedMessages>> received) {
  kj::Maybe<kj::AsyncCapabilityStream&> carriesDescriptors;
  if (limits.descriptorsMax > 0) {
    carriesDescriptors = kj::dynamicDowncastIfAvailable<kj::AsyncCapabilityStream>(*stream);
  }
  KJ_IF_MAYBE (descriptors, carriesDescriptors) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * limits.messageBytesMax / sizeof(capnp::word);
    descriptorStream_ = kj::mv(stream);
    descriptorVat_ = kj::heap<capnp::TwoPartyVatNetwork>(
        *descriptors, limits.descriptorsMax,
        side == Side::CLIENT ? twoparty::Side::CLIENT : twoparty::Side::SERVER, options);
    system_ = kj::heap<capnp::RpcSystem<twoparty::VatId>>(*descriptorVat_, kj::mv(bootstrap));
  } else {
    kj::Own<ReceivedMessages> messages;
    KJ_IF_MAYBE (shared, received) {
      messages = kj::mv(*shared);
    } else {
      messages = kj::refcounted<ReceivedMessages>();
    }
    vat_ = kj::heap<Vat>(kj::mv(stream), side, limits, kj::mv(sentBuffers), kj::mv(messages));
    system_ = kj::heap<capnp::RpcSystem<twoparty::VatId>>(*vat_, kj::mv(bootstrap));
  }
  system_->setFlowLimit(limits.callBytesInFlightMax / sizeof(capnp::word));
}

Connection::~Connection() noexcept(false) = default;

capnp::Capability::Client Connection::bootstrap() {
  capnp::MallocMessageBuilder message(8);
  auto server = message.initRoot<twoparty::VatId>();
  server.setSide(twoparty::Side::SERVER);
  return system_->bootstrap(server);
}

kj::Promise<void> Connection::onDisconnect() {
  return vat_.get() != nullptr ? vat_->onDisconnect() : descriptorVat_->onDisconnect();
}
std::size_t Connection::queuedBytes() const {
  return vat_.get() != nullptr ? vat_->queuedBytes() : descriptorVat_->getCurrentQueueSize();
}

}  // namespace cairn::rpc
