// Package broker is what both Kafka clients of the service have in common: how a
// listener is reached, what an error of a broker means, and how that is tried again.
//
// # Words
//
//   - A listener is an address of a broker with its own rules: plain text or TLS,
//     with or without SASL. A broker has several, on different ports.
//   - Access is how the listeners of KAFKA_BROKERS are reached: [Access] dials them
//     and has the mechanism of the login. The clients get it as their dialer, and know
//     nothing of TLS.
//   - Login is what a new connection goes through before its first request of use:
//     the handshake of TLS, the exchange of versions, SASL.
//
// A listener that does not get what it wants closes the connection, as a rule without
// a word. [AccessError] says what that may mean, given what is configured. What needs
// no telling (a refused connection, an unknown host) is passed on as it is.
package broker
