"""Reading what people write: countries, places, HS codes, goods, parties and vessels.

Each reader is lenient in spelling and strict in meaning: it returns every reading a text allows and
never picks one by guess.
"""
