// Package interop holds our sailor against the reference sailor, the npm
// package elasticio-sailor-nodejs: between two of its steps, and side by side
// with it. Its tests want Node.js, npm and a RabbitMQ; make interop runs them.
package interop
