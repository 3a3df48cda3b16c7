"""The words that the tiny models know. Texts of the tests are made of them."""

from __future__ import annotations

WORDS = """
a about above after again all also an and animal answer any are as ask at away back bad be because before best big
bird black blue book both bright but buy by call can car carry cat change child city clean clear close cold come
could country cut dark day deep did different do dog door down dream drink drive dry early earth easy eat end even
ever every eye face far fast feel few find fire first fish five fly food for form four free friend from full game
garden get give glass go gold good great green grow had half hand happy hard has have he head hear heavy help her
here high hill him his hold home hope horse hot hour house how ice idea if in into iron is it its job just keep
kind king know land large last late laugh learn leave left less letter life light like line list little live long
look lost love low made make man many map may me mean men milk mind money month moon more morning most mother
mountain move much music must my name near need never new night no north not now number of off old on one only open
or other our out over own page paper part people place plant play poor press put queen question quick quiet rain
read red rest rich right river road rock room round run said salt same say sea second see seem seven she ship short
show sing six sleep slow small snow so some song soon sound south speak stand star start still stone stop story
street strong summer sun sweet table take talk tall tell ten than that the their them then there these they thing
think this three time to too town train tree true try turn two under until up us use very voice wait walk wall want
warm was watch water way we week well went were west what wheel when where which while white who why wild will wind
winter with woman word work world would write year yellow yes yet you young your
""".split()  # noqa: SIM905
