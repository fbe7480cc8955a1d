// What tools/event_rpcgen.py makes of rpcgen/messages.rpc, by the macros of event2/rpc.h.
#include <event2/rpc.h>
#include <event2/tag.h>

#include "evbuffer_tools.h"
#include "messages.gen.h"

using namespace buffer_cases;

namespace {

using TripPointer = std::unique_ptr<Trip, FreeWith<Trip_free>>;
using PlacePointer = std::unique_ptr<Place, FreeWith<Place_free>>;
using NumbersPointer = std::unique_ptr<Numbers, FreeWith<Numbers_free>>;

constexpr ev_uint8_t kTicket[8] = {1, 2, 3, 4, 0, 6, 7, 8};

// The macros name the message twice, so it must not be made in them.
void add_stop(const TripPointer& trip, const char* name) {
  Place* const place = EVTAG_ARRAY_ADD(trip.get(), stops);
  REQUIRE(place != nullptr);
  CHECK(EVTAG_ASSIGN(place, name, name) == 0);
}

TripPointer make_trip(const char* traveller = "Ada") {
  TripPointer trip(Trip_new());
  REQUIRE(trip);
  CHECK(EVTAG_ASSIGN(trip.get(), traveller, traveller) == 0);
  CHECK(EVTAG_ASSIGN(trip.get(), ticket, kTicket) == 0);
  return trip;
}

std::string text_of(Place* place) {
  char* name = nullptr;
  CHECK(EVTAG_GET(place, name, &name) == 0);
  return name;
}

// Through an evbuffer and back, which has to use it up.
template <class Message, class Pointer, auto New, auto Marshal, auto Unmarshal>
Pointer sent(Message* message) {
  const Buffer buffer = make_buffer();
  Marshal(buffer.get(), message);
  Pointer copy(New());
  CHECK(Unmarshal(copy.get(), buffer.get()) == 0);
  CHECK(length(buffer) == 0);
  return copy;
}
constexpr auto sent_trip = sent<Trip, TripPointer, Trip_new, Trip_marshal, Trip_unmarshal>;

Buffer marshalled(Trip* trip) {
  Buffer buffer = make_buffer();
  Trip_marshal(buffer.get(), trip);
  return buffer;
}

}  // namespace

TEST_CASE("rpc message: fields that were not set are missing") {
  const TripPointer trip(Trip_new_with_arg(nullptr));
  char* text = nullptr;
  ev_uint8_t* bytes = nullptr;
  ev_uint32_t size = 0;
  ev_uint64_t number = 0;
  Place* place = nullptr;
  CHECK_FALSE(EVTAG_HAS(trip.get(), traveller));
  CHECK(EVTAG_GET(trip.get(), traveller, &text) == -1);
  CHECK(EVTAG_GET(trip.get(), ticket, &bytes) == -1);
  CHECK(EVTAG_GET_WITH_LEN(trip.get(), note, &bytes, &size) == -1);
  CHECK(EVTAG_GET(trip.get(), departure, &number) == -1);
  CHECK(EVTAG_ARRAY_LEN(trip.get(), stops) == 0);
  CHECK(EVTAG_ARRAY_GET(trip.get(), stops, 0, &place) == -1);
  CHECK(Trip_complete(trip.get()) == -1);
  CHECK(EVTAG_ASSIGN(trip.get(), traveller, "Ada") == 0);
  CHECK(Trip_complete(trip.get()) == -1);
  CHECK(EVTAG_ASSIGN(trip.get(), ticket, kTicket) == 0);
  CHECK(Trip_complete(trip.get()) == 0);
}

TEST_CASE("rpc message: single fields go through a buffer") {
  const TripPointer trip = make_trip();
  ev_uint8_t note[] = {9, 0, 8};
  CHECK(EVTAG_ASSIGN_WITH_LEN(trip.get(), note, note, sizeof(note)) == 0);
  CHECK(EVTAG_ASSIGN(trip.get(), departure, ev_uint64_t{1} << 63) == 0);
  Place* place = nullptr;
  CHECK_FALSE(EVTAG_HAS(trip.get(), destination));
  REQUIRE(EVTAG_GET(trip.get(), destination, &place) == 0);  // makes it
  CHECK(EVTAG_HAS(trip.get(), destination));
  CHECK(Trip_complete(trip.get()) == -1);
  CHECK(EVTAG_ASSIGN(place, name, "Rome") == 0);

  const TripPointer got = sent_trip(trip.get());
  char* text = nullptr;
  ev_uint8_t* bytes = nullptr;
  ev_uint32_t size = 0;
  ev_uint64_t number = 0;
  CHECK(EVTAG_GET(got.get(), traveller, &text) == 0);
  CHECK(std::string(text) == "Ada");
  CHECK(EVTAG_GET(got.get(), ticket, &bytes) == 0);
  CHECK(std::memcmp(bytes, kTicket, sizeof(kTicket)) == 0);
  CHECK(EVTAG_GET_WITH_LEN(got.get(), note, &bytes, &size) == 0);
  CHECK(size == sizeof(note));
  CHECK(std::memcmp(bytes, note, sizeof(note)) == 0);
  CHECK(EVTAG_GET(got.get(), departure, &number) == 0);
  CHECK(number == ev_uint64_t{1} << 63);
  CHECK(EVTAG_GET(got.get(), destination, &place) == 0);
  CHECK(text_of(place) == "Rome");
  CHECK_FALSE(EVTAG_HAS(place, distance));
}

TEST_CASE("rpc message: arrays go through a buffer") {
  const TripPointer trip = make_trip();
  for (ev_uint32_t i = 0; i < 100; ++i) {
    const std::string name = std::to_string(i);
    add_stop(trip, name.c_str());
    CHECK(*EVTAG_ARRAY_ADD_VALUE(trip.get(), seats, i) == i);
    CHECK(*EVTAG_ARRAY_ADD_VALUE(trip.get(), times, ev_uint64_t{i} << 40) == ev_uint64_t{i} << 40);
    CHECK(*EVTAG_ARRAY_ADD_VALUE(trip.get(), remarks, name.c_str()) == name);
  }
  CHECK(EVTAG_HAS(trip.get(), stops));
  const TripPointer got = sent_trip(trip.get());
  CHECK(EVTAG_ARRAY_LEN(got.get(), stops) == 100);
  CHECK(EVTAG_ARRAY_LEN(got.get(), remarks) == 100);
  for (int i = 0; i < 100; ++i) {
    Place* place = nullptr;
    ev_uint32_t seat = 0;
    ev_uint64_t time = 0;
    char* remark = nullptr;
    CHECK(EVTAG_ARRAY_GET(got.get(), stops, i, &place) == 0);
    CHECK(text_of(place) == std::to_string(i));
    CHECK(EVTAG_ARRAY_GET(got.get(), seats, i, &seat) == 0);
    CHECK(static_cast<int>(seat) == i);
    CHECK(EVTAG_ARRAY_GET(got.get(), times, i, &time) == 0);
    CHECK(time == static_cast<ev_uint64_t>(i) << 40);
    CHECK(EVTAG_ARRAY_GET(got.get(), remarks, i, &remark) == 0);
    CHECK(remark == std::to_string(i));
  }
  ev_uint32_t seat = 7;
  CHECK(EVTAG_ARRAY_GET(got.get(), seats, 100, &seat) == -1);
  CHECK(EVTAG_ARRAY_GET(got.get(), seats, -1, &seat) == -1);
  CHECK(seat == 7);
}

TEST_CASE("rpc message: entries of arrays can be replaced") {
  const TripPointer trip = make_trip();
  const PlacePointer oslo(Place_new());
  CHECK(EVTAG_ASSIGN(oslo.get(), name, "Oslo") == 0);
  add_stop(trip, "Rome");
  CHECK(EVTAG_ARRAY_ADD_VALUE(trip.get(), remarks, "old") != nullptr);
  CHECK(Trip_stops_assign(trip.get(), 0, oslo.get()) == 0);
  CHECK(Trip_stops_assign(trip.get(), 1, oslo.get()) == -1);
  CHECK(Trip_remarks_assign(trip.get(), 0, "new") == 0);
  CHECK(Trip_remarks_assign(trip.get(), -1, "new") == -1);
  Place* place = nullptr;
  char* remark = nullptr;
  CHECK(EVTAG_ARRAY_GET(trip.get(), stops, 0, &place) == 0);
  CHECK(place != oslo.get());
  CHECK(text_of(place) == "Oslo");
  CHECK(EVTAG_ARRAY_GET(trip.get(), remarks, 0, &remark) == 0);
  CHECK(std::string(remark) == "new");
}

TEST_CASE("rpc message: a value is copied and may be the message's own") {
  const TripPointer trip = make_trip();
  char name[] = "Grace";
  CHECK(EVTAG_ASSIGN(trip.get(), traveller, name) == 0);
  name[0] = 'T';
  char* text = nullptr;
  CHECK(EVTAG_GET(trip.get(), traveller, &text) == 0);
  CHECK(std::string(text) == "Grace");
  CHECK(EVTAG_ASSIGN(trip.get(), traveller, text + 1) == 0);
  CHECK(EVTAG_GET(trip.get(), traveller, &text) == 0);
  CHECK(std::string(text) == "race");

  const PlacePointer place(Place_new());
  CHECK(EVTAG_ASSIGN(trip.get(), destination, place.get()) == -1);  // it lacks its name
  CHECK_FALSE(EVTAG_HAS(trip.get(), destination));
  CHECK(EVTAG_ASSIGN(place.get(), name, "Rome") == 0);
  CHECK(EVTAG_ASSIGN(trip.get(), destination, place.get()) == 0);
  Place* got = nullptr;
  CHECK(EVTAG_GET(trip.get(), destination, &got) == 0);
  CHECK(got != place.get());
  CHECK(EVTAG_ASSIGN(trip.get(), destination, got) == 0);
  CHECK(EVTAG_GET(trip.get(), destination, &got) == 0);
  CHECK(text_of(got) == "Rome");
}

TEST_CASE("rpc message: a message may hold another of its kind") {
  const TripPointer first = make_trip("first");
  const TripPointer second = make_trip("second");
  CHECK(EVTAG_ASSIGN(first.get(), next, second.get()) == 0);
  const TripPointer got = sent_trip(first.get());
  Trip* next = nullptr;
  char* text = nullptr;
  CHECK(EVTAG_GET(got.get(), next, &next) == 0);
  CHECK(EVTAG_GET(next, traveller, &text) == 0);
  CHECK(std::string(text) == "second");
}

TEST_CASE("rpc message: messages in each other without end are refused") {
  Buffer bytes = marshalled(make_trip().get());
  // 10: the field `next`, which here lies in itself again and again.
  for (int depth = 0; depth < 1000; ++depth) {
    Buffer outer = marshalled(make_trip().get());
    evtag_marshal_buffer(outer.get(), 10, bytes.get());
    bytes = std::move(outer);
  }
  const TripPointer trip(Trip_new());
  CHECK(Trip_unmarshal(trip.get(), bytes.get()) == -1);
}

TEST_CASE("rpc message: clear unsets all fields") {
  const TripPointer trip = make_trip();
  CHECK(EVTAG_ARRAY_ADD_VALUE(trip.get(), seats, 1) != nullptr);
  CHECK(EVTAG_ARRAY_ADD(trip.get(), stops) != nullptr);
  Trip_clear(trip.get());
  CHECK(Trip_complete(trip.get()) == -1);
  CHECK(EVTAG_ARRAY_LEN(trip.get(), seats) == 0);
  CHECK_FALSE(EVTAG_HAS(trip.get(), seats));
  CHECK(length(marshalled(trip.get())) == 0);
  CHECK(EVTAG_ASSIGN(trip.get(), traveller, "again") == 0);
  CHECK(EVTAG_HAS(trip.get(), traveller));
}

TEST_CASE("rpc message: messages are items") {
  const NumbersPointer numbers(Numbers_new());
  CHECK(EVTAG_ASSIGN(numbers.get(), a, 1) == 0);
  CHECK(EVTAG_ASSIGN(numbers.get(), b, 2) == 0);
  const Buffer buffer = make_buffer();
  evtag_marshal_Numbers(buffer.get(), 77, numbers.get());
  evtag_marshal_Numbers(buffer.get(), 78, numbers.get());
  const std::string expected("\x4d\x06\x01\x01\x01\x02\x01\x02\x4e\x06\x01\x01\x01\x02\x01\x02",
                             16);
  CHECK(content(buffer) == expected);
  const NumbersPointer got(Numbers_new());
  CHECK(evtag_unmarshal_Numbers(buffer.get(), 77, got.get()) == 0);
  CHECK(length(buffer) == 8);
  const NumbersPointer other(Numbers_new());
  CHECK(evtag_unmarshal_Numbers(buffer.get(), 79, other.get()) == -1);
  CHECK(NUMBERS_A == 1);
  CHECK(NUMBERS_MAX_TAGS == 3);
  CHECK(TRIP_MAX_TAGS == 301);
}

TEST_CASE("rpc message: malformed messages are refused") {
  const std::string good("\x01\x01\x05\x02\x01\x06", 6);
  const std::string bad[] = {
      "",                                     // nothing at all
      good.substr(0, 3),                      // a field is missing
      good + good.substr(3),                  // one comes twice
      good + std::string("\x03\x01\x07", 3),  // an unknown one
      good.substr(0, 5),                      // cut off
      good + "\x80",                          // a tag that does not end
      std::string("\x01\x02\x05", 3),         // a payload that does not
      std::string("\x01\x07\xff\xff\xff\xff\x7f", 7),
  };
  for (const std::string& bytes : bad) {
    const Buffer buffer = make_buffer();
    add(buffer, bytes);
    const NumbersPointer numbers(Numbers_new());
    CHECK(Numbers_unmarshal(numbers.get(), buffer.get()) == -1);
  }
  const Buffer buffer = make_buffer();
  add(buffer, good);
  const NumbersPointer numbers(Numbers_new());
  CHECK(Numbers_unmarshal(numbers.get(), buffer.get()) == 0);
}

TEST_CASE("rpc message: any cut of a message is refused without harm") {
  const TripPointer trip = make_trip();
  add_stop(trip, "Rome");
  CHECK(EVTAG_ARRAY_ADD_VALUE(trip.get(), remarks, "remark") != nullptr);
  CHECK(EVTAG_ASSIGN_WITH_LEN(trip.get(), note, kTicket, 3) == 0);
  const std::string bytes = content(marshalled(trip.get()));
  int refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Buffer buffer = make_buffer();
    add(buffer, bytes.substr(0, size));
    const TripPointer got(Trip_new());
    refused += Trip_unmarshal(got.get(), buffer.get()) == -1;
  }
  // Between two optional fields a cut is not seen.
  CHECK(refused >= static_cast<int>(bytes.size()) - 4);
}
