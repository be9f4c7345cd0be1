#include "namenode/journal/call_records.h"

#include <utility>

#include "common/base/limits.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/records.h"

namespace cairn::nn {

std::string CallRecords::nameOf(const CallKey& call) {
  std::string name(reinterpret_cast<const char*>(call.client.bytes.data()),
                   call.client.bytes.size());
  name += call.principal;
  return name;
}

Result<CallRecords::Client*> CallRecords::clientOf(const Draft& draft, const CallKey& call) {
  std::string name = nameOf(call);
  const auto known = clients_.find(name);
  if (known != clients_.end()) return &known->second;
  Client client;
  const auto cursor = draft.scan(Table::RETRY, retryPrefix(call.client));
  for (; cursor->valid(); cursor->next()) {
    if (principalInRetryKey(cursor->key()) != call.principal) continue;
    client.recorded.insert(callInRetryKey(cursor->key()));
  }
  TRY(cursor->status());
  if (client.recorded.empty()) return nullptr;
  return &clients_.emplace(std::move(name), std::move(client)).first->second;
}

Result<std::optional<record::Answer>> CallRecords::find(const Draft& draft, const CallKey& call,
                                                        std::string_view method) {
  if (call.callId == 0) return std::nullopt;
  ASSIGN(Client* const client, clientOf(draft, call));
  if (client == nullptr) return std::nullopt;
  if (call.callId < client->mark) {
    return fail(Code::CALL_EXPIRED, "call " + std::to_string(call.callId) + " of client " +
                                        call.client.toString() +
                                        " is below the mark that the client has set itself");
  }
  // Only numbers on record have a row: no look-up in the database for a new call.
  if (!client->recorded.contains(call.callId)) return std::nullopt;
  ASSIGN(auto row, readRow<record::RetryRecord>(
                       draft, Table::RETRY, retryKey(call.client, call.callId, call.principal)));
  if (!row.has_value()) return std::nullopt;
  if (row->method() != method) {
    return fail(Code::INVALID_ARGUMENT, "call number " + std::to_string(call.callId) +
                                            " was used for " + row->method() + " and now for " +
                                            std::string(method));
  }
  return std::move(*row->mutable_answer());
}

void CallRecords::record(Draft& draft, const CallKey& call, std::string_view method,
                         record::Answer& answer, UnixMillis nowMs) {
  if (call.callId == 0) return;
  Client& client = clients_[nameOf(call)];
  if (call.lowestOpenCall > client.mark && call.lowestOpenCall <= call.callId) {
    client.mark = call.lowestOpenCall;
    while (!client.recorded.empty() && *client.recorded.begin() < client.mark) {
      draft.erase(Table::RETRY, retryKey(call.client, *client.recorded.begin(), call.principal));
      client.recorded.erase(client.recorded.begin());
    }
  }
  record::RetryRecord row;
  row.set_time_ms(nowMs);
  row.set_method(std::string(method));
  row.mutable_answer()->Swap(&answer);
  draft.insertKept(Table::RETRY, retryKey(call.client, call.callId, call.principal), row);
  row.mutable_answer()->Swap(&answer);
  client.recorded.insert(call.callId);
}

Result<bool> CallRecords::sweep(Draft& draft, UnixMillis nowMs, std::size_t rowsMax) {
  std::vector<std::string> old;
  const auto cursor = draft.scan(Table::RETRY, {});
  if (!sweepAfter_.empty()) {
    cursor->seek(sweepAfter_);
    if (cursor->valid() && cursor->key() == sweepAfter_) cursor->next();
  }
  std::size_t seen = 0;
  for (; cursor->valid() && seen < rowsMax; cursor->next(), ++seen) {
    record::RetryRecord row;
    TRY(parseRow(Table::RETRY, cursor->key(), cursor->value(), row));
    sweepAfter_ = cursor->key();
    if (nowMs - row.time_ms() > limits::RETRY_RECORD_MS) old.push_back(sweepAfter_);
  }
  TRY(cursor->status());
  const bool more = cursor->valid();
  if (!more) sweepAfter_.clear();
  for (const auto& key : old) {
    draft.erase(Table::RETRY, key);
    const auto client = clients_.find(
        nameOf({.principal = principalInRetryKey(key), .client = clientInRetryKey(key)}));
    if (client == clients_.end()) continue;
    client->second.recorded.erase(callInRetryKey(key));
    // Forgotten with its last record: ten minutes without a change.
    if (client->second.recorded.empty()) clients_.erase(client);
  }
  return more;
}

}  // namespace cairn::nn
