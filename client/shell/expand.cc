#include "client/shell/expand.h"

#include <map>
#include <utility>

#include "client/shell/failures.h"
#include "client/shell/glob.h"

namespace cairn::shell {
namespace {

// A path that is not there for whatever reason: missing, or below a file.
bool isAbsence(const Status& failure) {
  return failure.code() == Code::NOT_FOUND || failure.code() == Code::NOT_A_DIRECTORY;
}

std::vector<std::string> componentsOf(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

using Matches = std::map<std::string, Entry>;  // by path

// Adds the paths that one alternative without braces matches.
Result<void> matchInto(const std::string& pattern, const EntrySource& source, Matches& matches) {
  struct Candidate {
    std::string path;  // "" for the root
    std::optional<Entry> entry;
  };
  std::vector<Candidate> candidates{{"", std::nullopt}};
  for (const auto& component : componentsOf(pattern)) {
    ASSIGN(const auto glob, Glob::compile(component));
    std::vector<Candidate> next;
    for (auto& candidate : candidates) {
      if (candidate.entry && !candidate.entry->isDirectory()) continue;
      if (glob.isLiteral()) {
        next.push_back({candidate.path + "/" + glob.literal(), std::nullopt});
        continue;
      }
      auto children = source.list(candidate.path.empty() ? "/" : candidate.path);
      if (!children.has_value()) {
        if (isAbsence(children.error())) continue;
        return std::unexpected(std::move(children).error());
      }
      for (auto& child : *children) {
        if (!glob.matches(child.name)) continue;
        auto path = candidate.path + "/" + child.name;
        next.push_back({std::move(path), std::move(child)});
      }
    }
    candidates = std::move(next);
  }
  for (auto& candidate : candidates) {
    if (candidate.path.empty()) candidate.path = "/";
    if (!candidate.entry) {
      ASSIGN(candidate.entry, source.stat(candidate.path));
      if (!candidate.entry) continue;
    }
    matches.emplace(std::move(candidate.path), std::move(*candidate.entry));
  }
  return {};
}

Result<Matches> matchAll(std::string_view pattern, const EntrySource& source) {
  ASSIGN(const auto alternatives, expandBraces(pattern));
  Matches matches;
  for (const auto& alternative : alternatives) TRY(matchInto(alternative, source, matches));
  return matches;
}

}  // namespace

EntrySource EntrySource::of(Client& client) {
  return {.stat = [&client](const std::string& path) -> Result<std::optional<Entry>> {
            auto entry = client.statIfExists(path);
            if (!entry.has_value() && isAbsence(entry.error())) return std::nullopt;
            return entry;
          },
          .list = [&client](const std::string& directory) -> Result<std::vector<Entry>> {
            std::vector<Entry> entries;
            auto listing = client.list(directory);
            while (true) {
              ASSIGN(auto entry, listing.next());
              if (!entry) return entries;
              if (listing.isFile()) return fail(Code::NOT_A_DIRECTORY, directory);
              entries.push_back(std::move(*entry));
            }
          }};
}

Result<Item> lookUp(std::string_view typed, const PathContext& context, const EntrySource& source) {
  ASSIGN(auto path, RemotePath::resolve(typed, context));
  ASSIGN(auto entry, source.stat(path.absolute()));
  auto shown = entry ? path.shown() : std::string(typed);
  return Item{.path = std::move(path), .shown = std::move(shown), .entry = std::move(entry)};
}

Result<std::vector<Item>> expand(std::string_view typed, const PathContext& context,
                                 const EntrySource& source) {
  std::vector<Item> items;
  if (!hasPattern(typed)) {
    ASSIGN(auto item, lookUp(typed, context, source));
    items.push_back(std::move(item));
    return items;
  }
  ASSIGN(const auto whole, RemotePath::resolve(typed, context));
  auto matched = matchAll(whole.absolute(), source);
  if (matched.has_value()) {
    for (auto& [path, entry] : *matched) {
      auto place = whole.sibling(path);
      auto shown = place.shown();
      items.push_back(
          {.path = std::move(place), .shown = std::move(shown), .entry = std::move(entry)});
    }
  } else if (matched.error().code() != Code::INVALID_ARGUMENT) {
    return std::unexpected(std::move(matched).error());
  }
  if (items.empty()) {
    // Perhaps a name that holds such characters.
    ASSIGN(auto item, lookUp(typed, context, source));
    if (!item.entry) {
      if (!matched.has_value()) return std::unexpected(std::move(matched).error());
      const auto plain = unescapePattern(typed);
      ASSIGN(item.path, RemotePath::resolve(plain, context));
      item.shown = plain;
    }
    items.push_back(std::move(item));
  }
  return items;
}

Item childOf(const Item& directory, Entry entry) {
  auto path = directory.path.child(entry.name);
  auto shown = path.shown();
  return {.path = std::move(path), .shown = std::move(shown), .entry = std::move(entry)};
}

Result<std::vector<Item>> childrenOf(Client& client, const Item& directory) {
  auto entries = EntrySource::of(client).list(directory.path.absolute());
  if (!entries.has_value()) return fail(listingFailure(std::move(entries).error()));
  std::vector<Item> items;
  items.reserve(entries->size());
  for (auto& entry : *entries) items.push_back(childOf(directory, std::move(entry)));
  return items;
}

}  // namespace cairn::shell
