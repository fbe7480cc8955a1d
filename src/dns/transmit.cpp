// Requests in flight: sending them, and what becomes of the answers.
#include <cstdio>

#include "dns/log.h"
#include "dns/resolver.h"

namespace relevent::dns {
namespace {

// How soon a datagram is tried again that the system had no room for; until a timeout has passed.
constexpr Duration kSendAgain = 10'000;

}  // namespace

// The request is among the flights.
void Resolver::transmit(Request& request, Nameserver& server) {
  request.server = &server;
  ++request.transmissions;
  const Nameserver::Sent sent = request.over_tcp ? server.send_tcp(request.query.message())
                                                 : server.send_udp(request.query.message());
  Duration wait = kSendAgain;
  if (sent == Nameserver::Sent::kLater && request.unsent_for < options_.timeout) {
    --request.transmissions;
    request.unsent_for += kSendAgain;
  } else {
    // What cannot be sent the timer takes to the next server.
    wait = sent == Nameserver::Sent::kYes ? options_.timeout : 0;
    request.unsent_for = 0;
  }
  flights_.set_deadline(request, now() + wait);
  update_timer();
}

// As another message: nobody who has seen or guessed at the last one knows its id.
void Resolver::transmit_anew(Request& request, Nameserver& server) {
  flights_.remove(request);
  flights_.add(request);
  transmit(request, server);
}

// No use can be made of the server's answer, or there is none: asks another one, or ends.
void Resolver::try_next(Request& request, int result) {
  if (request.is_probe() ? result == DNS_ERR_TIMEOUT && request.transmissions < options_.attempts
                         : request.transmissions < options_.attempts) {
    transmit(request, request.is_probe() ? *request.server : *pick());
  } else {
    finish(request, request.was_truncated ? DNS_ERR_TRUNCATED : result);
  }
}

void Resolver::expire(Request& request) {
  Nameserver& server = *request.server;
  if (request.unsent_for > 0) {
    transmit(request, server);
    return;
  }
  log_debug("Request timed out");
  if (!request.is_probe()) {
    const bool last = request.transmissions >= options_.attempts;
    if (++server.timeouts > options_.max_timeouts || last) {
      server_failed(server, "request timed out.");
    }
  }
  try_next(request, DNS_ERR_TIMEOUT);
}

void Resolver::take_message(Nameserver& server, Bytes message, bool over_tcp) {
  if (message.size() < kHeaderSize) {
    log_debug("Short packet from a nameserver");
    return;
  }
  Reader reader(message);
  Request* const request = flights_.find(reader.u16());
  if (request == nullptr || (request->over_tcp && !over_tcp)) {
    return;
  }
  switch (match_answer(message, request->query)) {
    case Match::kNone:
      log_debug("Packet that does not answer the question");
      return;
    case Match::kOtherCase:
      if (request->exact_case && !over_tcp) {
        take_other_case(*request, server);
        return;
      }
      break;
    case Match::kExact:
      break;
  }
  read_answer(message, request->query, request->answer);
  take_answer(*request, server, over_tcp);
}

// Either a forger who knows the id but not the letters, or a server that does not repeat them. The
// question is put once more with another id, to be answered in any case.
void Resolver::take_other_case(Request& request, Nameserver& server) {
  log_debug("Nameserver %s does not preserve case", server.address.text().text);
  server.folds_case = true;
  request.exact_case = false;
  request.query.lower_case();
  transmit_anew(request, *request.server);
}

void Resolver::take_answer(Request& request, Nameserver& server, bool over_tcp) {
  const int result = request.answer.result;
  const bool takes_part = (request.flags & DNS_QUERY_IGNTC) != 0 && request.answer.count > 0;
  if (request.answer.truncated && !takes_part) {
    take_truncated(request, server);
    return;
  }
  switch (result) {
    case DNS_ERR_FORMAT:
    case DNS_ERR_NOTIMPL:
      if (request.query.has_edns() && !over_tcp) {
        request.query.drop_edns();
        server.without_edns = true;
        transmit_anew(request, server);
        return;
      }
      if (result == DNS_ERR_FORMAT) {
        break;
      }
      [[fallthrough]];
    case DNS_ERR_REFUSED: {
      char why[64];
      std::snprintf(why, sizeof why, "Bad response %d (%s)", result, result_text(result));
      server_failed(server, why);
      if (any_up()) {
        try_next(request, result);
        return;
      }
      break;
    }
    case DNS_ERR_SERVERFAILED:
      try_next(request, result);
      return;
    case DNS_ERR_NONE:
    case DNS_ERR_NOTEXIST:
    case DNS_ERR_NODATA:
      server_answered(server);
      break;
    default:
      break;
  }
  finish(request, result);
}

void Resolver::take_truncated(Request& request, Nameserver& server) {
  server_answered(server);
  const bool wants_tcp = options_.retry_truncated && !request.is_probe() && !request.over_tcp &&
                         (request.flags & DNS_QUERY_IGNTC) == 0;
  request.answer.clear();
  if (!wants_tcp) {
    finish(request, DNS_ERR_TRUNCATED);
    return;
  }
  request.over_tcp = true;
  request.was_truncated = true;
  request.transmissions = 0;
  transmit_anew(request, server);
}

bool Resolver::uses_tcp(const Nameserver& server) const {
  bool uses = false;
  flights_.for_each([&](const Request& request) {
    uses = uses || (request.server == &server && request.over_tcp);
  });
  return uses;
}

// The connection is gone: what it carried is due again at once.
void Resolver::retry_tcp(Nameserver& server) {
  flights_.for_each([&](Request& request) {
    if (request.server == &server && request.over_tcp) {
      flights_.set_deadline(request, 0);
    }
  });
  update_timer();
}

}  // namespace relevent::dns
