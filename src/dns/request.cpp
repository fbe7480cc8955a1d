#include "dns/request.h"

#include <event2/util.h>

#include <limits>

namespace relevent::dns {

Request* Flights::find(std::uint16_t id) const {
  Request* request = buckets_[id % kBuckets];
  while (request != nullptr && request->id != id) {
    request = request->next_in_bucket;
  }
  return request;
}

void Flights::add(Request& request) {
  std::uint16_t id = 0;
  do {
    evutil_secure_rng_get_bytes(&id, sizeof id);
  } while (find(id) != nullptr);
  request.id = id;
  request.query.set_id(id);
  request.next_in_bucket = buckets_[id % kBuckets];
  buckets_[id % kBuckets] = &request;
  request.stage = Request::Stage::kInFlight;
  request.deadline = std::numeric_limits<Duration>::max();  // until it is sent
  ++count_;
  by_deadline_.push_back(request);
}

void Flights::remove(Request& request) {
  Request** link = &buckets_[request.id % kBuckets];
  while (*link != &request) {
    link = &(*link)->next_in_bucket;
  }
  *link = request.next_in_bucket;
  by_deadline_.remove(request);
  --count_;
}

void Flights::set_deadline(Request& request, Duration deadline) {
  request.deadline = deadline;
  by_deadline_.remove(request);
  insert_by_deadline(request);
}

// Nearly always at the end, as all wait for the same time.
void Flights::insert_by_deadline(Request& request) {
  Request* before = by_deadline_.back();
  while (before != nullptr && before->deadline > request.deadline) {
    before = by_deadline_.previous(*before);
  }
  if (before == nullptr) {
    by_deadline_.push_front(request);
  } else {
    by_deadline_.insert_after(*before, request);
  }
}

}  // namespace relevent::dns
