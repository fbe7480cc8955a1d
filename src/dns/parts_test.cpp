// Options, search lists, queries and the ids of requests.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "dns/options.h"
#include "dns/query.h"
#include "dns/request.h"
#include "dns/resolver.h"
#include "dns/search.h"

namespace relevent::dns {
namespace {

TEST_CASE("dns: options out of range are moved to the nearest end") {
  Options options;
  const int all = DNS_OPTIONS_ALL;
  CHECK(options.set("max-inflight", "0", all));
  CHECK(options.max_inflight == 1);
  CHECK(options.set("max-inflight:", "99999999999", all));
  CHECK(options.max_inflight == 65000);
  CHECK(options.set("attempts", "1000", all));
  CHECK(options.attempts == 255);
  CHECK(options.set("edns-udp-size", "1", all));
  CHECK(options.edns_size == 512);
  CHECK(options.set("initial-probe-timeout", "1e30", all));
  CHECK(options.initial_probe_timeout == 3600 * kSecond);
  CHECK_FALSE(options.set("timeout", "nan", all));
}

TEST_CASE("dns: options of groups that are not wanted are skipped") {
  Options options;
  CHECK(options.set("ndots", "7", DNS_OPTION_MISC));
  CHECK(options.set("timeout", "x", DNS_OPTION_SEARCH));
  CHECK(options.ndots == 1);
  CHECK(options.timeout == 5 * kSecond);
}

TEST_CASE("dns: candidates of a search come in order") {
  Owned<SearchList> empty(SearchList::create());
  Owned<SearchList> list(empty->with(".a.com", true));
  const Search search = {"www", list.get(), 1};
  REQUIRE(search.count() == 2);
  NameText name;
  REQUIRE(search.candidate(0, name));
  CHECK(std::string(name.text) == "www.a.com");
  REQUIRE(search.candidate(1, name));
  CHECK(std::string(name.text) == "www");
  const std::string most(253, 'x');
  const Search too_long = {most.c_str(), list.get(), 1};
  CHECK_FALSE(too_long.candidate(0, name));
  CHECK(too_long.candidate(1, name));
}

TEST_CASE("dns: queries have an EDNS record only above 512 bytes") {
  Query query;
  REQUIRE(query.build("a.b", kTypeA, 512));
  CHECK_FALSE(query.has_edns());
  const std::size_t plain = query.size;
  REQUIRE(query.build("a.b", kTypeA, 1232));
  CHECK(query.has_edns());
  query.drop_edns();
  CHECK(query.size == plain);
  CHECK_FALSE(query.build("a..b", kTypeA, 512));
}

TEST_CASE("dns: case is random in the name only") {
  Query query;
  REQUIRE(query.build(std::string(60, 'q').c_str(), kTypeA, 512));
  Query random = query;
  random.randomize_case();
  CHECK(std::memcmp(query.bytes, random.bytes, query.size) != 0);
  random.lower_case();
  CHECK(std::memcmp(query.bytes, random.bytes, query.size) == 0);
}

TEST_CASE("dns: flights are found by id and sorted by deadline") {
  Resolver resolver(nullptr, 0);
  Flights flights;
  std::vector<std::unique_ptr<Request>> requests;
  for (int i = 0; i < 600; ++i) {
    requests.push_back(std::make_unique<Request>(resolver));
    requests.back()->deadline = i % 7;
    flights.add(*requests.back());
  }
  CHECK(flights.count() == 600);
  Duration last = 0;
  flights.for_each([&](Request& request) {
    CHECK(request.deadline >= last);
    last = request.deadline;
    CHECK(flights.find(request.id) == &request);
  });
  flights.set_deadline(*requests[5], -1);
  CHECK(flights.first() == requests[5].get());
  for (const auto& request : requests) {
    flights.remove(*request);
    CHECK(flights.find(request->id) == nullptr);
  }
  CHECK(flights.first() == nullptr);
}

}  // namespace
}  // namespace relevent::dns
