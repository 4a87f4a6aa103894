ALTER TABLE profile ADD COLUMN unread_at INTEGER NOT NULL DEFAULT 0; -- how many kinds of records the app knew when it left one out that a
                                                                     -- newer server sent; an app that knows more pulls all once more
