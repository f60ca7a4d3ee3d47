"""The journal: what this project may buy, is buying and has bought, durable before and after every paid request.

The promise that nothing is bought twice lives here and in no engine that runs the work. `states` says how a purchase
goes on, `tables` how it is stored, `operations` are the transactions, and `Journal` offers them to asynchronous code.
A database is a module of its own: `sqlite` for one machine.
"""
