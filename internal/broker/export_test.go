package broker

// AckLater acknowledges d with the next that is acknowledged.
func AckLater(d Delivery) {
	settler := d.Settler.(*amqpSettler)
	settler.session.acks.add(settler.tag)
}
