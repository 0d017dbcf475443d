"""HTTP for API Lambdas, by what each part does.

| module   | does                                                                    |
|----------|-------------------------------------------------------------------------|
| api      | takes a request through all of these, and logs it                        |
| policy   | what a route says of itself                                              |
| request  | the request on its way, and what handlers ask of it (`Caller`, …)    |
| answers  | what every answer gets: Location, ETag and 304, no body for HEAD         |
| bodies   | reads bodies: size, type, JSON, forms                                    |
| nulls    | what null means in a body                                                |
| callers  | who calls, and how often                                                 |
| once     | Idempotency-Keys                                                         |
| failures | whatever went wrong, as one of our errors                                |
| paging   | lists page by page                                                       |
| redirects | answers of download addresses                                         |
"""

from vitrine.kernel.http.api import Api
from vitrine.kernel.http.policy import Allow, Form, Policy, Repeat
from vitrine.kernel.http.request import BaseUrl, Bearer, Caller, Method, NewIds, Now, address_of

__all__ = [
    "Allow",
    "Api",
    "BaseUrl",
    "Bearer",
    "Caller",
    "Form",
    "Method",
    "NewIds",
    "Now",
    "Policy",
    "Repeat",
    "address_of",
]
