import JWTKit
import CCrypt
