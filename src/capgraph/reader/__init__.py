"""Read a text: which statements about the parties of the graph it makes, and what the graph's sources say of the same.

From bytes to an answer: :mod:`texts` decodes and cuts into sentences; :mod:`mentions`, :mod:`quantities` and
:mod:`dates` find the parts; :mod:`lexicon` knows the words of the link kinds; :mod:`statements` joins parts to
statements; :mod:`agreement` compares them with the readings; :mod:`review` writes the table that a person completes.
"""
