// Package web guards that nothing of what varuh keeps is had over the network but by a person who may have it: there
// is no footage handler except through a viewing or a disclosure, and no handler at all that is not in one table.
//
// # What holds
//
//  1. The table of routes (see [route]) is the only way in. It says of each route who may use it; that is decided, by
//     the role table of package people, before the handler runs. A route without that is a mistake that [New] refuses.
//  2. A session is a cookie that no script can read and no other site can use (__Host-, Secure, HttpOnly,
//     SameSite=Strict), or the token of an authority. What changes something is refused to pages of other sites.
//  3. What is asked is bounded before it is looked at: connections, headers, bodies, depth, time, and what one
//     person has at work, until its answer has left. A body is one JSON value without a name that is unknown or given
//     twice; a time says its zone.
//  4. Every error is a problem (RFC 9457) in Slovenian or English. What this package does not know is a 500 that
//     tells nothing and a line in the log that tells all; no request brings that about.
//  5. Nothing that is answered, but varuh's own scripts, may be kept by a browser or a proxy; nothing may be shown in a
//     frame, or run a script that is not varuh's own.
//  6. No name, reason or address is in the log: it has the route, and what was wrong.
//  7. What is read of the diary, and what leaves with it, is entered before its first byte, with who and why.
//  8. A change of what is held is remembered outside the diary before anybody is told of it (Decided), and so is not
//     lost with the diary.
//
// # How a request goes
//
//  1. The listener turns away what is one connection too many, or for it the oldest of the network that has most.
//  2. The host asked for must be the appliance's (or somebody's page would be one with it by a trick of the DNS).
//  3. The path must be in its one form, and lead to a route.
//  4. The session is found, or the token. The route says whether that is needed.
//  5. The authorisation for the route's action is found, for the camera in the path, and from where it is asked.
//  6. It waits for a place among what its person has at work, and takes one of what he may change in a while.
//  7. The body or the query is read, strictly.
//  8. The handler does it. The packages behind it decide once more, and enter it.
//
// A stop ends what streams, then the viewings with their entries, then sessions' entries.
package web
