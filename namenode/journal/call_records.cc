#include "namenode/journal/call_records.h"

#include <algorithm>
#include <utility>

#include "common/base/limits.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

std::string_view bytesOf(const ClientId& client) {
  return {reinterpret_cast<const char*>(client.bytes.data()), client.bytes.size()};
}

}  // namespace

Result<void> CallRecords::load(const MetaView& view, std::int64_t monotonicMs) {
  const auto cursor = view.scan(Table::RETRY, {});
  for (; cursor->valid(); cursor->next()) {
    record::RecordedCalls row;
    TRY(parseRow(Table::RETRY, cursor->key(), cursor->value(), row));
    const TxId group = groupInRetryKey(cursor->key());
    for (const auto& call : row.calls()) {
      auto& client = clients_[{uuidFromBytes(call.client()), call.principal()}];
      add(client, call.call_id(), group, monotonicMs);
    }
  }
  return cursor->status();
}

const CallRecords::Place* CallRecords::placeOf(const Client& client, std::uint64_t callId) {
  const auto at = std::ranges::lower_bound(client.recorded, callId, {}, &Place::callId);
  return at == client.recorded.end() || at->callId != callId ? nullptr : &*at;
}

void CallRecords::add(Client& client, std::uint64_t callId, TxId group, std::int64_t madeMs) {
  const auto at = std::ranges::lower_bound(client.recorded, callId, {}, &Place::callId);
  client.recorded.insert(at, {callId, group});
  auto& known = groups_[group];
  ++known.records;
  known.madeMs = madeMs;
}

void CallRecords::drop(TxId group) {
  const auto at = groups_.find(group);
  if (at == groups_.end() || --at->second.records > 0) return;
  groups_.erase(at);
  emptied_.push_back(group);
}

void CallRecords::eraseEmptied(Draft& draft) {
  std::erase_if(emptied_, [&](TxId group) {
    // A group may get a record after its last one went, as long as it is being filled.
    if (group == draft.txid()) return groups_.contains(group);
    draft.erase(Table::RETRY, retryKey(group));
    return true;
  });
}

Result<std::optional<record::Answer>> CallRecords::find(const Draft& draft, const CallKey& call,
                                                        std::string_view method) {
  if (call.callId == 0) return std::nullopt;
  const auto client = clients_.find(NameView{call.client, call.principal});
  if (client == clients_.end()) return std::nullopt;
  if (call.callId < client->second.mark) {
    return fail(Code::CALL_EXPIRED, "call " + std::to_string(call.callId) + " of client " +
                                        call.client.toString() +
                                        " is below the mark that the client has set itself");
  }
  const Place* const place = placeOf(client->second, call.callId);
  if (place == nullptr) return std::nullopt;
  record::RecordedCalls row;
  const Key key = retryKey(place->group);
  std::string value;
  if (place->group == draft.txid()) {
    value = draft.pendingCalls();
  } else {
    ASSIGN(const bool found, draft.get(Table::RETRY, key, value));
    if (!found) return fail(damagedRow(Table::RETRY, key));
  }
  TRY(parseRow(Table::RETRY, key, value, row));
  for (const auto& known : row.calls()) {
    if (known.call_id() != call.callId || known.client() != bytesOf(call.client) ||
        known.principal() != call.principal) {
      continue;
    }
    if (known.method() != method) {
      return fail(Code::INVALID_ARGUMENT, "call number " + std::to_string(call.callId) +
                                              " was used for " + known.method() + " and now for " +
                                              std::string(method));
    }
    record::Answer answer;
    TRY(parseRow(Table::RETRY, key, known.answer(), answer));
    return std::move(answer);
  }
  return fail(damagedRow(Table::RETRY, key));
}

void CallRecords::record(Draft& draft, const CallKey& call, std::string_view method,
                         const record::Answer& answer, UnixMillis nowMs, std::int64_t monotonicMs) {
  if (call.callId == 0) return;
  auto at = clients_.find(NameView{call.client, call.principal});
  if (at == clients_.end()) {
    at = clients_.try_emplace({call.client, std::string(call.principal)}).first;
  }
  Client& client = at->second;
  if (call.lowestOpenCall > client.mark && call.lowestOpenCall <= call.callId) {
    client.mark = call.lowestOpenCall;
    while (!client.recorded.empty() && client.recorded.front().callId < client.mark) {
      drop(client.recorded.front().group);
      client.recorded.pop_front();
    }
  }
  recorded_.Clear();
  recorded_.set_time_ms(nowMs);
  auto& record = *recorded_.add_calls();
  // Into the strings that are there: setters make new ones.
  record.mutable_client()->assign(bytesOf(call.client));
  record.mutable_principal()->assign(call.principal);
  record.set_call_id(call.callId);
  record.mutable_method()->assign(method);
  answer.SerializeToString(record.mutable_answer());
  recorded_.SerializeToString(&recordedBytes_);
  draft.recordCall(recordedBytes_);
  add(client, call.callId, draft.txid(), monotonicMs);
  eraseEmptied(draft);
}

Result<bool> CallRecords::sweep(Draft& draft, std::int64_t monotonicMs, std::size_t groupsMax) {
  for (std::size_t swept = 0; swept < groupsMax; ++swept) {
    if (groups_.empty() ||
        monotonicMs - groups_.begin()->second.madeMs <= limits::RETRY_RECORD_MS ||
        groups_.begin()->first == draft.txid()) {
      eraseEmptied(draft);
      return false;
    }
    const TxId group = groups_.begin()->first;
    ASSIGN(const auto row, readRow<record::RecordedCalls>(draft, Table::RETRY, retryKey(group)));
    if (!row.has_value()) return fail(damagedRow(Table::RETRY, retryKey(group)));
    for (const auto& call : row->calls()) {
      const auto client = clients_.find(NameView{uuidFromBytes(call.client()), call.principal()});
      if (client == clients_.end()) continue;
      std::erase_if(client->second.recorded, [&](const Place& place) {
        return place.callId == call.call_id() && place.group == group;
      });
      // Forgotten with its last record: ten minutes without a change.
      if (client->second.recorded.empty()) clients_.erase(client);
    }
    groups_.erase(groups_.begin());
    emptied_.push_back(group);
  }
  eraseEmptied(draft);
  return true;
}

}  // namespace cairn::nn
