package feature

// extras is a family of columns that CICFlowMeter does not have.
func extras() []Column { return nil }
