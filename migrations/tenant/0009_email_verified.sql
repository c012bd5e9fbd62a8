-- Whether the provider where the person logs in verified the e-mail address.
ALTER TABLE person ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1));
