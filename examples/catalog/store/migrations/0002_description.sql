-- With a default, so that the release before this one can still insert.
ALTER TABLE products ADD COLUMN description text NOT NULL DEFAULT '';
