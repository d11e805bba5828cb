"""The pages of docs/reference/, each made from the table or the signatures that the harness itself goes by."""
