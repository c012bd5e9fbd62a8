-- The approval of an order's cancellation, by its id at the issuer.
ALTER TABLE orders ADD COLUMN cancelled_txn TEXT;
