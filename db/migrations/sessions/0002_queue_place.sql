-- The packet identifier follows from the place in the queue.
ALTER TABLE queue DROP COLUMN packet_id;
