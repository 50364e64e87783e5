package devices

// SetMostPending bounds how many commands may wait for their record.
func (c *Control) SetMostPending(n int) { c.orders.most = n }
