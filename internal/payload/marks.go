package payload

// Marks is a set of things that were seen at least once in a flow.
type Marks uint64
