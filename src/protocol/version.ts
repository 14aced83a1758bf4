/** The version of the wire. It changes when a message does; a house test holds the two together. */
export const PROTOCOL_VERSION = 1
