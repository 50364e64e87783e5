// Package web is the HTTP face of Gatehouse: the JSON API under /api/v1, the
// pictures, the way to the broker at /mqtt, the health answers and the console.
//
// cmd/server builds one Server with New and runs it with Serve; nobody else
// imports it. A handler reads a request, calls the domain once and answers; the
// rules live in package devices and below, which web sees through the small
// interfaces that stand beside the handlers.
//
// What it promises:
//
//   - Every route stands in one table with its access rule (access.go); a route
//     that does not is refused.
//   - Until an administrator exists, every API route but setup answers 503
//     setup_needed.
//   - No request from another site changes anything, and nothing changes by GET.
//   - Every error is an application/problem+json object with a stable code. No
//     answer shows a stack, a file name or the text of an unexpected error.
//   - Every answer carries the security headers; API answers are never cached.
//   - The contract is the code: openapi.yaml is written from the types of this
//     package and a test fails when it is not up to date.
package web
