"""UN Security Council restrictions as tested code."""
