// Makes a function that returns kj::Promise<T> a coroutine: `co_await` any promise, `co_return` the
// value. KJ 0.9.2 has no such support of its own; with KJ >= 1.0 this header gives way to it.
// Layer: async.  Threads: a coroutine lives on the event loop that called it.
// Cost: one allocation a call (the frame); 67 ns an await on the machine it was measured on.
//
// The frame is a PromiseNode (what the caller waits for) and an Event (what the awaited promise
// wakes). The returned promise owns the frame: dropping it destroys the locals, which is
// cancellation. A coroutine runs at once, up to its first suspension.
//
// Rules for users: reference parameters must outlive the promise; captures of a lambda that *is* a
// coroutine die with the lambda object, so pass state as parameters; no co_await in a catch block;
// a coroutine must not drop its own promise while it runs.
//
// Uses kj::_ internals of 0.9.x and refuses to compile where KJ has coroutines of its own.
#pragma once

#include <kj/async.h>
#include <kj/common.h>

#include <coroutine>
#include <utility>

#include "common/async/kj_compat.h"

#ifdef KJ_HAS_COROUTINE
#error "This KJ has coroutines of its own: include <kj/async.h> in place of this header"
#endif

namespace cairn::async::detail {

class CoroutineBase : public kj::_::PromiseNode, public kj::_::Event, public kj::Disposer {
public:
  CoroutineBase(std::coroutine_handle<> self, kj::_::ExceptionOrValue& result)
      : self_(self), result_(result) {}
  KJ_DISALLOW_COPY(CoroutineBase);

  // PromiseNode: the caller's side.
  void onReady(kj::_::Event* event) noexcept override { ready_.init(event); }
  void tracePromise(kj::_::TraceBuilder& builder, bool stopAtNextEvent) override {
    if (!stopAtNextEvent && awaited_ != nullptr) awaited_->tracePromise(builder, false);
  }

  // The compiler's side.
  std::suspend_never initial_suspend() noexcept { return {}; }
  struct FinalSuspend {
    CoroutineBase& coroutine;
    bool await_ready() noexcept { return false; }
    // Locals are gone by now; only the result is left for the caller to fetch.
    void await_suspend(std::coroutine_handle<>) noexcept { coroutine.ready_.arm(); }
    void await_resume() noexcept {}
  };
  FinalSuspend final_suspend() noexcept { return {*this}; }
  void unhandled_exception() {
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([]() { throw; })) {
      result_.addException(kj::mv(*exception));
    }
  }

  template <typename U>
  class Awaiter {
  public:
    Awaiter(CoroutineBase& coroutine, kj::Own<kj::_::PromiseNode> node)
        : coroutine_(coroutine), node_(kj::mv(node)) {
      node_->setSelfPointer(&node_);
    }
    KJ_DISALLOW_COPY(Awaiter);
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) noexcept {
      coroutine_.awaited_ = node_.get();
      node_->onReady(&coroutine_);
    }
    U await_resume() {
      coroutine_.awaited_ = nullptr;
      kj::_::ExceptionOr<kj::_::FixVoid<U>> result;
      node_->get(result);
      // The awaited work is over: free what it holds before the coroutine goes on.
      KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { node_ = nullptr; })) {
        result.addException(kj::mv(*exception));
      }
      return kj::_::convertToReturn(kj::mv(result));
    }

  private:
    CoroutineBase& coroutine_;
    kj::Own<kj::_::PromiseNode> node_;
  };

  template <typename U>
  Awaiter<U> await_transform(kj::Promise<U>&& promise) {
    return {*this, kj::_::PromiseNode::from(kj::mv(promise))};
  }

protected:
  kj::Own<kj::_::PromiseNode> own() {
    return kj::Own<kj::_::PromiseNode>(static_cast<kj::_::PromiseNode*>(this), *this);
  }

private:
  // Event: the awaited promise is ready.
  kj::Maybe<kj::Own<kj::_::Event>> fire() override {
    self_.resume();
    return nullptr;
  }
  void traceEvent(kj::_::TraceBuilder& builder) override {
    if (awaited_ != nullptr) awaited_->tracePromise(builder, true);
    ready_.traceEvent(builder);
  }
  // Disposer: the owner of the promise let go of it, finished or not.
  void disposeImpl(void*) const override { self_.destroy(); }

  std::coroutine_handle<> self_;
  kj::_::ExceptionOrValue& result_;
  kj::_::PromiseNode* awaited_ = nullptr;
  OnReadyEvent ready_;
};

template <typename T>
class Coroutine final : public CoroutineBase {
public:
  Coroutine() : CoroutineBase(std::coroutine_handle<Coroutine>::from_promise(*this), result_) {}
  kj::Promise<T> get_return_object() { return kj::_::PromiseNode::to<kj::Promise<T>>(own()); }
  void get(kj::_::ExceptionOrValue& output) noexcept override {
    output.as<kj::_::FixVoid<T>>() = kj::mv(result_);
  }
  void return_value(T value) { result_.value = kj::mv(value); }

private:
  kj::_::ExceptionOr<kj::_::FixVoid<T>> result_;
};

template <>
class Coroutine<void> final : public CoroutineBase {
public:
  Coroutine() : CoroutineBase(std::coroutine_handle<Coroutine>::from_promise(*this), result_) {}
  kj::Promise<void> get_return_object() { return kj::_::PromiseNode::to<kj::Promise<void>>(own()); }
  void get(kj::_::ExceptionOrValue& output) noexcept override {
    output.as<kj::_::Void>() = kj::mv(result_);
  }
  void return_void() { result_.value = kj::_::Void(); }

private:
  kj::_::ExceptionOr<kj::_::Void> result_;
};

}  // namespace cairn::async::detail

template <typename T, typename... Args>
struct std::coroutine_traits<kj::Promise<T>, Args...> {
  using promise_type = cairn::async::detail::Coroutine<T>;
};
